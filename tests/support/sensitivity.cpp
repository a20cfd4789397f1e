// How much a graph amplifies small differences.

#include <algorithm>
#include <cmath>

#include "support/interpret.h"
#include "support/random_graph.h"

namespace dgen::testing {

namespace {

constexpr double perturbation = 1e-6;

/// Largest difference; infinite where only one of two values is a number.
double distance(const Channels& a, const Channels& b) {
  double largest = 0;
  for (std::size_t c = 0; c < a.size(); ++c) {
    for (std::size_t n = 0; n < a[c].size(); ++n) {
      if (a[c][n] == b[c][n] || (std::isnan(a[c][n]) && std::isnan(b[c][n]))) continue;
      const double difference = std::fabs(a[c][n] - b[c][n]);
      largest = std::max(largest, std::isnan(difference) ? INFINITY : difference);
    }
  }
  return largest;
}

/// Outputs with inputs and parameters moved by `sign` times the perturbation, which alternates from frame to frame.
Channels perturbed(const Graph& graph, Channels input, std::int64_t frames, double sample_rate, double sign) {
  for (auto& channel : input) {
    for (std::size_t n = 0; n < channel.size(); ++n) channel[n] += n % 2 == 0 ? sign * perturbation : -sign * perturbation;
  }
  Interpreter interpreter(graph, sample_rate);
  for (const int id : graph.params()) {
    const ParamInfo& info = *graph[id].attributes.param;
    interpreter.set(info.name, info.initial + sign * perturbation);
  }
  Channels out;
  interpreter.process(input, out, frames);
  return out;
}

}  // namespace

double sensitivity(const Graph& graph, const Channels& input, std::int64_t frames, double sample_rate) {
  const Channels reference = interpret(graph, frames, input, sample_rate);
  return std::max(distance(reference, perturbed(graph, input, frames, sample_rate, 1)),
                  distance(reference, perturbed(graph, input, frames, sample_rate, -1)));
}

double rounding_sensitivity(const Graph& graph, const Channels& input, std::int64_t frames, double sample_rate) {
  return distance(interpret(graph, frames, input, sample_rate), interpret(graph, frames, input, sample_rate, Precision::float32));
}

}  // namespace dgen::testing

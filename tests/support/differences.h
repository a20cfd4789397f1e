#pragma once
// Gradients of parameters beside central differences of the loss, in double.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "dgen/gradient.h"
#include "dgen/segment.h"

namespace dgen::testing {

struct Comparison {
  double exact = 0, difference = 0, other_step = 0;
};

/// d(loss)/d(element of param), by the gradient and by five-point central differences of two step sizes. Source: Fornberg 1988.
inline Comparison compare_gradient(Graph& g, Signal loss, int param, const std::vector<std::vector<double>>& in,
                                   std::int64_t frames, double sample_rate = 48000, std::size_t element = 0) {
  const ParamInfo info = *g[param].attributes.param;
  const std::array<Signal, 1> by{Signal{&g, param}};
  const Gradient d = gradient(loss, by);
  const std::array<Signal, 1> wanted{loss};
  SegmentInterpreter run(g, wanted, sample_rate);
  std::vector<double> values;
  for (std::int64_t k = 0; k < info.elements(); ++k) values.push_back(info.initial_of(k));
  const double first = values[element];
  const auto at = [&](double x) {
    values[element] = x;
    run.set(info.name, values);
    return run.evaluate(in, frames)[0][0];
  };
  const auto slope = [&](double h) {
    const double x = first;
    return (at(x - 2 * h) - 8 * at(x - h) + 8 * at(x + h) - at(x + 2 * h)) / (12 * h);
  };
  Comparison c;
  const double scale = std::fmax(1, std::fabs(first));
  c.difference = slope(3e-5 * scale);
  c.other_step = slope(1.1e-5 * scale);
  if (d.of[0]) c.exact = SegmentInterpreter(g, d.of, sample_rate).evaluate(in, frames)[0][element];
  return c;
}

}  // namespace dgen::testing

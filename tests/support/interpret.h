#pragma once
// Runs a graph through the reference interpreter, for tests.

#include <cstdint>
#include <vector>

#include "dgen/interpreter.h"

namespace dgen::testing {

using Channels = std::vector<std::vector<double>>;

/// Output channels of `frames` frames from reset.
inline Channels interpret(const Graph& graph, std::int64_t frames, const Channels& in = {}, double sample_rate = 48000,
                          Precision precision = Precision::float64) {
  Interpreter interpreter(graph, sample_rate, precision);
  Channels out;
  interpreter.process(in, out, frames);
  return out;
}

/// A 1 followed by zeros.
inline std::vector<double> impulse(std::int64_t frames) {
  std::vector<double> x(static_cast<std::size_t>(frames), 0.0);
  x.at(0) = 1;
  return x;
}

/// 1, 2, 3, …
inline std::vector<double> ramp(std::int64_t frames) {
  std::vector<double> x;
  for (std::int64_t n = 1; n <= frames; ++n) x.push_back(static_cast<double>(n));
  return x;
}

}  // namespace dgen::testing

#pragma once
// Plays a graph through the interpreter, in blocks of several sizes, which must not matter.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "dgen/interpreter.h"

namespace dgen_test {

using Channels = std::vector<std::vector<double>>;

struct PlayOptions {
  double sample_rate = 48000;
  dgen::Precision precision = dgen::Precision::float64;
};

/// All outputs of `frames` frames, run in blocks of `block`.
inline Channels play_in_blocks(const dgen::Graph& graph, const Channels& in, std::int64_t frames, std::int64_t block,
                               const PlayOptions& options) {
  dgen::Interpreter interpreter(graph, options.sample_rate, options.precision);
  Channels all(graph.outputs().size());
  for (std::int64_t at = 0; at < frames; at += block) {
    const std::int64_t count = std::min(block, frames - at);
    Channels part_in, part_out(all.size(), std::vector<double>(static_cast<std::size_t>(count)));
    for (const auto& channel : in) part_in.emplace_back(channel.begin() + at, channel.begin() + at + count);
    interpreter.process(part_in, part_out, count);
    for (std::size_t c = 0; c < all.size(); ++c) all[c].insert(all[c].end(), part_out[c].begin(), part_out[c].end());
  }
  return all;
}

/// Makes `y` an output and returns its values; fails the test where the block size changes a bit of them.
inline std::vector<double> play(dgen::Signal y, std::int64_t frames, const Channels& in = {}, const PlayOptions& options = {}) {
  dgen::Graph& graph = *y.graph;
  const auto channel = static_cast<std::size_t>(graph.output(y));
  const Channels whole = play_in_blocks(graph, in, frames, frames, options);
  for (const std::int64_t block : {1, 7, 64}) {
    EXPECT_EQ(play_in_blocks(graph, in, frames, block, options), whole) << "in blocks of " << block;
  }
  return whole[channel];
}

/// f(0), f(1), … f(frames - 1).
inline std::vector<double> sequence(std::int64_t frames, const std::function<double(double n)>& f) {
  std::vector<double> y;
  for (std::int64_t n = 0; n < frames; ++n) y.push_back(f(static_cast<double>(n)));
  return y;
}

/// White noise in [-1, 1), of float32 numbers, the same for the same seed.
inline std::vector<double> white_noise(std::int64_t frames, std::uint32_t seed = 1) {
  return sequence(frames, [&](double) {
    seed = seed * 1664525u + 1013904223u;
    return static_cast<double>(static_cast<float>(seed >> 8) / 8388608.0f - 1.0f);
  });
}

inline void expect_near(const std::vector<double>& actual, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t n = 0; n < actual.size(); ++n) ASSERT_NEAR(actual[n], expected[n], tolerance) << "at frame " << n;
}

}  // namespace dgen_test

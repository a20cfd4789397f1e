// Noise in compiled code is the hash of base/noise.h at every frame, also where the upper half of its number changes.

#include "base/noise.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dgen/math.h"
#include "dgen/program.h"
#include "dgen/time.h"

namespace {

using namespace dgen;

/// Frames from `first` on, in blocks of 300.
std::vector<float> frames_from(const Program& program, double first, std::size_t count) {
  Instance instance(program, 48000);
  SavedState state = instance.save();
  state.at("frame") = {first};
  instance.restore(state);
  std::vector<float> y(count);
  for (std::size_t at = 0; at < count; at += 300) {
    float* out[] = {y.data() + at};
    instance.process(nullptr, out, static_cast<std::int64_t>(std::min<std::size_t>(300, count - at)));
  }
  return y;
}

class Noise : public ::testing::TestWithParam<double> {};

TEST_P(Noise, IsTheHashOfItsFrame) {
  Graph g;
  g.output(noise(g, 7));
  const std::vector<float> y = frames_from(compile(g), GetParam(), 1000);
  for (std::size_t n = 0; n < y.size(); ++n) {
    ASSERT_EQ(y[n], dgen::noise(7, static_cast<std::uint64_t>(GetParam()) + n)) << "frame " << n << " from " << GetParam();
  }
}

INSTANTIATE_TEST_SUITE_P(Positions, Noise, ::testing::Values(0, 4294967296.0 - 413, 3 * 4294967296.0 - 1));

}  // namespace

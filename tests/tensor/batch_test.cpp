// Lanes of a batch: each is what it would be alone, and does not know of the others, to the bit.

#include "dgen/batch.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/products.h"
#include "dgen/segment.h"
#include "dgen/stft_losses.h"
#include "dgen/tensor.h"
#include "support/expect_error.h"
#include "support/random_graph.h"

namespace {

using namespace dgen;
using Channels = std::vector<std::vector<double>>;

constexpr std::int64_t frames = 200;

/// Losses and gradients of lanes that each fit a gain, a shape and a kernel to windows of their own.
struct Fit {
  Graph g;
  std::vector<Signal> wanted;

  explicit Fit(int count) {
    const Batch lanes = batch(g, count);
    const Signal gain = lanes.param("gain", initial::Constant{1});
    const Signal kernel = lanes.param("kernel", initial::Uniform{-1, 1, 3}, extents({4, 8}));
    const Signal x = lanes.windows(0, 8, 16), target = lanes.windows(1, 4, 16);
    const Signal drive = reshape(gain, extents({count, 1}));
    const Signal y = reshape(matmul(kernel, reshape(tanh(drive * x), extents({count, 8, 1}))), extents({count, 4}));
    const Signal losses = lanes.losses((y - target) * (y - target));
    const Gradient d = gradient(lanes.total(losses), std::array{gain, kernel});
    wanted = {losses, d.of[0], d.of[1]};
  }
};

/// Inputs of `count` lanes: those of lane k have the seed seeds[k].
Channels inputs_of(const std::vector<std::uint64_t>& seeds) {
  Channels all(2 * seeds.size());
  for (std::size_t lane = 0; lane < seeds.size(); ++lane) {
    const Channels own = dgen::testing::random_input(seeds[lane], 2, frames);
    all[lane] = own[0], all[seeds.size() + lane] = own[1];
  }
  return all;
}

/// Wanted values of the compiled segment, whose lane k has gains[k] and kernels that follow from it.
std::vector<std::vector<double>> run(const SegmentProgram& program, const std::vector<std::uint64_t>& seeds) {
  Segment segment(program, 48000, frames);
  std::vector<double> gains, kernels;
  for (const std::uint64_t seed : seeds) {
    gains.push_back(0.5 + 0.1 * static_cast<double>(seed));
    for (int k = 0; k < 32; ++k) kernels.push_back(std::sin(static_cast<double>(seed) + k));
  }
  segment.set("gain", gains);
  segment.set("kernel", kernels);
  const Channels in = inputs_of(seeds);
  std::vector<std::vector<float>> floats;
  std::vector<const float*> pointers;
  for (const auto& channel : in) floats.emplace_back(channel.begin(), channel.end());
  for (const auto& channel : floats) pointers.push_back(channel.data());
  segment.run(pointers.data(), frames);
  std::vector<std::vector<double>> made;
  for (int w = 0; w < 3; ++w) made.emplace_back(segment.values(w).begin(), segment.values(w).end());
  return made;
}

TEST(Batch, LanesDoNotKnowOfOneAnotherToTheBit) {
  const Fit fit(5);
  for (const int width : {4, 16}) {
    const SegmentProgram program = compile_segment(fit.wanted, {.compile = {.vector_width = width}});
    const auto before = run(program, {1, 2, 3, 4, 5}), after = run(program, {9, 2, 7, 8, 6});
    ASSERT_EQ(before[0].size(), 5u);
    EXPECT_EQ(before[0][1], after[0][1]);
    EXPECT_NE(before[0][0], after[0][0]);
    EXPECT_EQ(before[1][1], after[1][1]);
    for (std::size_t k = 0; k < 32; ++k) EXPECT_EQ(before[2][32 + k], after[2][32 + k]);
    const auto poisoned = run(program, {1, 2, 1000000000000000000u, 4, 5});  // a gain beyond every bound
    EXPECT_EQ(before[0][1], poisoned[0][1]);
    EXPECT_EQ(before[0][3], poisoned[0][3]);
  }
}

TEST(Batch, OfLanesIsWhatEachIsAlone) {
  const Fit one(1), three(3);
  const SegmentProgram alone = compile_segment(one.wanted), together = compile_segment(three.wanted);
  const auto all = run(together, {4, 5, 6});
  for (std::size_t lane = 0; lane < 3; ++lane) {
    const auto single = run(alone, {4 + lane});
    EXPECT_NEAR(all[0][lane], single[0][0], 1e-5 * single[0][0]);
    EXPECT_NEAR(all[1][lane], single[1][0], 1e-4 * std::fabs(single[1][0]) + 1e-6);
  }
}

TEST(Batch, LanesOfTheInterpreterAreWhatTheyAreAloneToTheBit) {
  const Fit one(1), three(3);
  Graph g;
  const Batch lanes = batch(g, 2);
  EXPECT_EQ(lanes.channel(1, 1), 3);
  EXPECT_EQ(to_string(g[lanes.input(1).id].type), "frame [2]");
  EXPECT_EQ(to_string(g[lanes.windows(0, 8, 4).id].type), "hop(4) [2, 8]");
  EXPECT_EQ(to_string(g[lanes.same(tensor(g, {1, 2, 3})).id].type), "constant [2, 3]");
  SegmentInterpreter together(three.g, three.wanted, 48000), alone(one.g, one.wanted, 48000);
  const std::vector<double> kernel = *three.g[three.g.params()[1]].attributes.param->values;
  const auto all = together.evaluate(inputs_of({4, 5, 6}), frames);
  for (std::size_t lane = 0; lane < 3; ++lane) {
    alone.set("kernel", std::span(kernel).subspan(32 * lane, 32));
    EXPECT_EQ(alone.evaluate(inputs_of({4 + lane}), frames)[0][0], all[0][lane]);
  }
}

TEST(Batch, ErrorsSayWhatDoesNotFit) {
  Graph g;
  expect_error(ErrorCode::bad_value, "batch: 0 lanes", [&] { batch(g, 0); });
  const Batch lanes = batch(g, 4);
  expect_error(ErrorCode::bad_type, "the first axis of a value of this batch has its 4 lanes",
               [&] { lanes.losses(window(g.input(), 3, 2)); });
  expect_error(ErrorCode::bad_value, "reduction is mean or sum", [&] { lanes.losses(lanes.input(), Reduction::none); });
  expect_error(ErrorCode::bad_value, "channel 1024 is outside", [&] { lanes.input(256); });
}

TEST(Batch, OfSpectralLossesIsThatOfEachLane) {
  const auto one = [](Signal x, Signal target) {
    return stft_loss(x, target, {.resolution = {64, 16, 64}, .terms = {.spectral_convergence = 0.5, .linear_magnitude = 0.3}});
  };
  const Channels in = inputs_of({1, 2, 3});
  Graph lanes, alone;
  const Batch three = batch(lanes, 3);
  const Signal all[] = {one(three.input(0), three.input(1))};
  std::vector<Signal> each;
  for (int k = 0; k < 3; ++k) each.push_back(one(alone.input(k), alone.input(k + 3)));
  const auto together = SegmentInterpreter(lanes, all, 48000).evaluate(in, frames);
  const auto single = SegmentInterpreter(alone, each, 48000).evaluate(in, frames);
  ASSERT_EQ(together[0].size(), 3u);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(together[0][k], single[k][0], 1e-12);
}

}  // namespace

// Runs that do not need each other on several threads: the bits of one.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "dgen/filters.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/oscillators.h"
#include "dgen/segment.h"
#include "dgen/stft_losses.h"
#include "dgen/train.h"
#include "support/expect_error.h"

namespace dgen {
namespace {

constexpr std::int64_t frames = 3000;

std::vector<float> noise(std::uint32_t seed) {
  std::vector<float> x(frames);
  for (float& v : x) {
    seed = seed * 1664525u + 1013904223u;
    v = static_cast<float>(static_cast<std::int32_t>(seed)) * 0x1p-31f;
  }
  return x;
}

/// A filter learns from three resolutions of a spectral loss.
struct Fit {
  Graph g;
  Signal cutoff = g.param("cutoff", 900, {.min = 50, .max = 9000}), gain = g.param("gain", 0.5, {.min = 0, .max = 2});
  Signal x = gain * svf_lowpass(g.input(0), cutoff, 0.9);
  Signal loss = multi_scale_spectral_loss(x, g.input(1), {.sizes = {256, 128, 64}});
};

/// Loss and slopes of segments that follow one another: enough of each kind for threads to be tried.
std::vector<double> told(int threads) {
  Fit fit;
  const std::vector<Signal> by{fit.cutoff, fit.gain};
  const Gradient slopes = gradient(fit.loss, by);
  const std::vector<Signal> wanted{fit.loss, slopes.of[0], slopes.of[1]};
  Segment segment(compile_segment(wanted, {.threads = threads}), 48000, frames);
  const std::vector<float> in = noise(1), target = noise(2);
  const std::array<const float*, 2> channels{in.data(), target.data()};
  std::vector<double> all;
  for (int k = 0; k < 9; ++k) {
    segment.set("cutoff", 500 + 100 * k);
    segment.run(channels.data(), frames - (k == 1 ? 77 : 0), k < 3 ? From::carried : From::reset, k > 5);
    for (int w = 0; w < 3; ++w) all.push_back(segment.value(w));
  }
  return all;
}

TEST(SegmentThreads, GiveTheSameBitsForAnyNumber) {
  const std::vector<double> expected = told(1);
  EXPECT_NE(expected[1], 0);
  for (const int threads : {2, 3, 7, 0}) EXPECT_EQ(told(threads), expected) << threads << " threads";
}

TEST(SegmentThreads, MakeRunsOfTheirOwnOfTheResolutions) {
  Fit fit;
  const std::vector<Signal> by{fit.cutoff, fit.gain};
  const Gradient slopes = gradient(fit.loss, by);
  const std::vector<Signal> wanted{fit.loss, slopes.of[0], slopes.of[1]};
  const std::string text = compile_segment(wanted).explain();
  EXPECT_NE(text.find("run 7"), std::string::npos) << text;
}

TEST(SegmentThreads, AgreeWithTheInterpreter) {
  Fit fit;
  const std::vector<Signal> by{fit.cutoff, fit.gain};
  const Gradient slopes = gradient(fit.loss, by);
  const std::vector<Signal> wanted{fit.loss, slopes.of[0], slopes.of[1]};
  Segment compiled(compile_segment(wanted, {.threads = 2}), 48000, frames);
  Segment exact(compile_segment(wanted, {.compile = {.backend = Backend::interpreter}}), 48000, frames);
  const std::vector<float> in = noise(1), target = noise(2);
  const std::array<const float*, 2> channels{in.data(), target.data()};
  compiled.run(channels.data(), frames);
  exact.run(channels.data(), frames);
  for (int w = 0; w < 3; ++w) EXPECT_NEAR(compiled.value(w), exact.value(w), 2e-4 * std::fabs(exact.value(w))) << w;
}

TEST(SegmentThreads, TrainToTheSameBits) {
  const auto trained = [](int threads) {
    Fit fit;
    const std::vector<float> in = noise(3), target = noise(4);
    Trainer trainer(fit.g, fit.loss, Adam{.learning_rate = 0.05}, {.channels = {in, target}, .threads = threads});
    for (int k = 0; k < 8; ++k) trainer.step();
    return std::pair(trainer.parameters().value("cutoff"), trainer.parameters().value("gain"));
  };
  const auto expected = trained(1);
  EXPECT_NE(expected.first, 900);
  for (const int threads : {2, 3, 7}) EXPECT_EQ(trained(threads), expected) << threads << " threads";
}

TEST(SegmentThreads, RefuseNumbersThatAreNone) {
  Fit fit;
  const std::vector<Signal> wanted{fit.loss};
  expect_error(ErrorCode::bad_value, "threads is -1", [&] { compile_segment(wanted, {.threads = -1}); });
}

}  // namespace
}  // namespace dgen

// The patches in examples/patches: what they sound like, in numbers.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "dgen/interpreter.h"
#include "dgen/patch.h"

namespace {

constexpr double rate = 48000;

/// Output channel 0 of an example patch for `frames` frames of input `x`, then silence.
std::vector<double> play(const std::string& name, std::size_t frames, std::vector<double> x = {1}) {
  dgen::Graph g;
  dgen::load_patch(g, DGEN_SOURCE_DIR "/examples/patches/" + name + ".genexpr");
  dgen::Interpreter interpreter(g, rate);
  x.resize(frames);
  std::vector<std::vector<double>> in{x}, out(g.outputs().size());
  interpreter.process(in, out, static_cast<std::int64_t>(frames));
  return out[0];
}

double largest(const std::vector<double>& x, std::size_t from, std::size_t to) {
  double most = 0;
  for (std::size_t k = from; k < to; ++k) most = std::max(most, std::fabs(x[k]));
  return most;
}

TEST(EveryExample, StaysFiniteAndSounds) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(DGEN_SOURCE_DIR "/examples/patches")) {
    SCOPED_TRACE(entry.path().string());
    const std::vector<double> y = play(entry.path().stem().string(), 6000, std::vector<double>(500, 0.5));
    EXPECT_TRUE(std::all_of(y.begin(), y.end(), [](double x) { return std::isfinite(x) && std::fabs(x) < 10; }));
    EXPECT_GT(largest(y, 0, y.size()), 1e-3);
    ++count;
  }
  EXPECT_GE(count, 7);
}

TEST(OnepoleExample, IsTheFormula) {
  const std::vector<double> y = play("onepole", 100);
  const double keep = std::exp(-2 * M_PI * 1000 / rate);
  for (std::size_t n = 0; n < y.size(); ++n) EXPECT_NEAR(y[n], (1 - keep) * std::pow(keep, static_cast<double>(n)), 1e-12);
}

TEST(EchoExample, RepeatsAfterItsTime) {
  const std::vector<double> y = play("echo", 30000);
  EXPECT_NEAR(y[0], 0.6, 1e-12);
  EXPECT_EQ(largest(y, 1, 14400), 0);
  EXPECT_GT(y[14400], 0.1);
  EXPECT_GT(y[28800], 0.01);
}

TEST(SpectralGateExample, LetsALoudToneThroughAndFaintNoiseNot) {
  const auto mixed = [](double tone, double noise) {
    std::vector<double> x;
    unsigned random = 1;
    for (std::size_t n = 0; n < 12000; ++n) {
      random = random * 1664525u + 1013904223u;
      x.push_back(tone * std::sin(2 * M_PI * 1500 * static_cast<double>(n) / rate) + noise * (random * 0x1p-31 - 1));
    }
    return play("spectral_gate", x.size(), x);
  };
  EXPECT_LT(largest(mixed(0, 0.02), 2000, 12000), 0.002);
  EXPECT_NEAR(largest(mixed(0.5, 0), 2000, 10000), 0.5, 0.01);
  const std::vector<double> both = mixed(0.5, 0.02), tone = mixed(0.5, 0);
  double left = 0;
  for (std::size_t n = 4000; n < 8000; ++n) left = std::max(left, std::fabs(both[n] - tone[n]));
  EXPECT_LT(left, 0.01) << "of noise of 0.02";
}

TEST(KarplusStrongExample, HasItsPitch) {
  const std::vector<double> y = play("karplus_strong", 24000);
  const auto likeness = [&](std::size_t lag) {
    double sum = 0;
    for (std::size_t n = 12000; n < 20000; ++n) sum += y[n] * y[n + lag];
    return sum;
  };
  std::size_t best = 200;
  for (std::size_t lag = 200; lag < 700; ++lag) best = likeness(lag) > likeness(best) ? lag : best;
  EXPECT_NEAR(rate / static_cast<double>(best), 110, 0.5);
}

TEST(VoiceChainExample, EvensOutLevels) {
  std::vector<double> soft, loud;
  for (int n = 0; n < 24000; ++n) {
    const double x = std::sin(2 * M_PI * 300 * n / rate);
    soft.push_back(0.05 * x);
    loud.push_back(0.5 * x);
  }
  const double a = largest(play("voice_chain", 24000, soft), 20000, 24000),
               b = largest(play("voice_chain", 24000, loud), 20000, 24000);
  EXPECT_LT(b / a, 6);  // 20 dB apart before
  EXPECT_LE(b, 1);
}

}  // namespace

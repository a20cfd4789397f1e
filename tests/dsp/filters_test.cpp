#include "dgen/filters.h"

#include <gtest/gtest.h>

#include <complex>

#include "dgen/math.h"
#include "support/expect_error.h"
#include "support/play.h"

namespace {

using namespace dgen_test;
using Complex = std::complex<double>;
using Values = std::vector<double>;

constexpr double sample_rate = 48000;

Values impulse(std::int64_t frames) {
  Values x(static_cast<std::size_t>(frames));
  x[0] = 1;
  return x;
}

/// The response at `hz` of the filter with impulse response h.
Complex response_at(const Values& h, double hz) {
  Complex sum = 0;
  for (std::size_t n = 0; n < h.size(); ++n)
    sum += h[n] * std::polar(1.0, -dgen::two_pi * hz / sample_rate * static_cast<double>(n));
  return sum;
}

/// s of the bilinear transform at `hz`, 1i at the cutoff.
Complex prewarped(double hz, double cutoff_hz) {
  return {0, std::tan(dgen::pi * hz / sample_rate) / std::tan(dgen::pi * cutoff_hz / sample_rate)};
}

TEST(Onepole, DecaysByTheExponentialOfItsCutoff) {
  dgen::Graph g;
  const double keep = std::exp(-dgen::two_pi * 1000 / sample_rate);
  const auto expected = sequence(300, [&](double n) { return (1 - keep) * std::pow(keep, n); });
  expect_near(play(onepole(g.input(), 1000.0), 300, {impulse(300)}), expected, 1e-14);
}

TEST(Onepole, PassesDcAtEveryCutoff) {
  for (const double cutoff : {100.0, 5000.0, 24000.0, 1e9}) {
    dgen::Graph g;
    EXPECT_NEAR(play(onepole(g.constant(1), cutoff), 4000).back(), 1, 1e-9) << cutoff;
  }
}

TEST(Onepole, HoldsItsStateAtCutoffZeroAndBelow) {
  dgen::Graph g;
  EXPECT_EQ(play(onepole(g.constant(1), g.input()), 3, {{0, -100, 0}}), (Values{0, 0, 0}));
}

TEST(Dcblock, FollowsItsDifferenceEquation) {
  dgen::Graph g;
  const auto expected = sequence(200, [](double n) { return n == 0 ? 1.0 : (0.99 - 1) * std::pow(0.99, n - 1); });
  expect_near(play(dcblock(g.input(), 0.99), 200, {impulse(200)}), expected, 1e-14);
}

TEST(Dcblock, RemovesAConstant) {
  dgen::Graph g;
  EXPECT_NEAR(play(dcblock(g.constant(1), 0.99), 3000).back(), 0, 1e-9);
}

/// The analogue prototype of each svf mode.
Complex svf_prototype(int mode, Complex s, double q) {
  const Complex numerators[] = {1, s, s * s, 1.0 + s * s, 1.0 - s * s};
  return numerators[mode] / (s * s + s / q + 1.0);
}

TEST(Svf, HasTheResponseOfItsPrototypeInEveryMode) {
  for (int mode = 0; mode < 5; ++mode) {
    dgen::Graph g;
    const Values h = play(svf(g.input(), 2000.0, 1.5, static_cast<double>(mode)), 2000, {impulse(2000)});
    for (const double hz : {50.0, 1000.0, 2000.0, 9000.0}) {
      EXPECT_NEAR(std::abs(response_at(h, hz) - svf_prototype(mode, prewarped(hz, 2000), 1.5)), 0, 1e-9) << mode << " at " << hz;
    }
  }
}

TEST(Svf, ChoosesItsModeWhileItRuns) {
  const auto noise = white_noise(500);
  for (int mode = 0; mode < 5; ++mode) {
    dgen::Graph g;
    const Values fixed = play(svf(g.input(), 2000.0, 1.5, static_cast<double>(mode)), 500, {noise});
    const Values chosen = play(svf(g.input(0), 2000.0, 1.5, g.input(1)), 500, {noise, Values(500, mode)});
    EXPECT_EQ(fixed, chosen) << mode;
  }
}

TEST(Svf, HasANameForEveryMode) {
  const dgen::OpDef* named[] = {&dgen::ops::svf_lowpass, &dgen::ops::svf_bandpass, &dgen::ops::svf_highpass,
                                &dgen::ops::svf_notch, &dgen::ops::svf_peak};
  for (int mode = 0; mode < 5; ++mode) {
    dgen::Graph g;
    const Values by_mode = play(svf(g.input(), 2000.0, 1.5, static_cast<double>(mode)), 100, {impulse(100)});
    EXPECT_EQ(play(g.n(*named[mode], {g.input(), 2000.0, 1.5}), 100, {impulse(100)}), by_mode);
  }
}

TEST(Svf, StaysBoundedWhileItsCutoffMovesEveryFrame) {
  dgen::Graph g;
  const auto cutoff = sequence(4000, [](double n) { return 20 + 20000 * (0.5 + 0.5 * std::sin(n * n)); });
  for (const double y : play(svf(g.input(0), g.input(1), 5.0), 4000, {white_noise(4000), cutoff})) ASSERT_LT(std::fabs(y), 100);
}

TEST(Svf, StaysFiniteAtImpossibleCutoffsAndQ) {
  dgen::Graph g;
  const Values cutoff{-1, 0, 24000, 1e9, 1e-30, 100}, q{0, -1, 1e9, 0, 1, 0};
  for (const double y : play(svf(g.constant(1), g.input(0), g.input(1)), 6, {cutoff, q})) EXPECT_TRUE(std::isfinite(y));
}

TEST(Svf, SaysWhichModesItHas) {
  dgen::Graph g;
  expect_error(dgen::ErrorCode::bad_value, "svf: mode must be a whole number in 0 … 4, got 5",
               [&] { svf(g.input(), 100.0, 1.0, 5.0); });
}

}  // namespace

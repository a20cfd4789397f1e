#include "dgen/dynamics.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/play.h"

namespace {

using namespace dgen_test;
using Values = std::vector<double>;

struct Settings {
  double ratio = 4, threshold_db = -20, knee_db = 6, attack_s = 0.005, release_s = 0.1;
};

/// Decibels the compressor takes away in the end from a steady level.
double steady_reduction(double level_db, const Settings& s) {
  const double over = level_db - s.threshold_db;
  const double counted = 2 * over < -s.knee_db   ? 0
                         : 2 * over <= s.knee_db ? (over + s.knee_db / 2) * (over + s.knee_db / 2) / (2 * s.knee_db)
                                                 : over;
  return (1 - 1 / s.ratio) * counted;
}

dgen::Signal compressed(dgen::Signal x, dgen::Signal side, const Settings& s) {
  return compressor(x, s.ratio, s.threshold_db, s.knee_db, s.attack_s, s.release_s, side);
}

TEST(Compressor, ReducesASteadyLevelByItsCurve) {
  for (const double knee : {6.0, 20.0}) {
    const Settings s{.knee_db = knee, .attack_s = 1e-4};
    for (double level = -40; level <= 0; level += 2.5) {
      dgen::Graph g;
      const double x = std::pow(10, level / 20);
      const double y = play(compressed(g.constant(x), g.constant(x), s), 200).back();
      EXPECT_NEAR(20 * std::log10(y / x), -steady_reduction(level, s), 1e-9) << level << " dB, knee " << knee << " dB";
    }
  }
}

TEST(Compressor, HasAHardKneeOfWidthZero) {
  for (const double level : {-30.0, -20.0, -10.0}) {
    dgen::Graph g;
    const double x = std::pow(10, level / 20);
    const double y = play(compressed(g.constant(x), g.constant(x), {.knee_db = 0, .attack_s = 1e-4}), 200).back();
    EXPECT_NEAR(20 * std::log10(y / x), -0.75 * std::max(level + 20, 0.0), 1e-5) << level;  // the knee is 1e-6 dB wide
  }
}

/// Gain reductions in dB from the levels of the sidechain, frame by frame.
Values smoothed_reductions(const Values& side, const Settings& s) {
  const double attack = std::exp(std::log(0.01) / (s.attack_s * 48000)),
               release = std::exp(std::log(0.01) / (s.release_s * 48000));
  Values reductions;
  double before = 0;
  for (const double x : side) {
    const double wanted = steady_reduction(20 * std::log10(std::max(std::fabs(x), 1e-5)), s);
    before = wanted + (wanted > before ? attack : release) * (before - wanted);
    reductions.push_back(before);
  }
  return reductions;
}

TEST(Compressor, AttacksAndReleasesByTheirCoefficients) {
  const Settings s{.attack_s = 0.001, .release_s = 0.01};
  const auto side = sequence(2000, [](double n) { return n >= 500 && n < 900 ? -0.9 : 0.01; });
  dgen::Graph g;
  const Values y = play(compressed(g.constant(1), g.input(), s), 2000, {side});
  const Values reductions = smoothed_reductions(side, s);
  for (std::size_t n = 0; n < y.size(); ++n) ASSERT_NEAR(20 * std::log10(y[n]), -reductions[n], 1e-9) << "at frame " << n;
}

TEST(Compressor, ListensToItsInputWithoutASidechain) {
  const auto noise = white_noise(1000);
  dgen::Graph g;
  const dgen::Signal x = g.input();
  EXPECT_EQ(play(compressor(x, 3.0, -30.0), 1000, {noise}), play(compressor(x, 3.0, -30.0, 6.0, 0.005, 0.1, x), 1000, {noise}));
}

TEST(Compressor, LeavesSilenceSilent) {
  dgen::Graph g;
  EXPECT_EQ(play(compressor(g.constant(0)), 3), (Values{0, 0, 0}));
}

TEST(Compressor, WorksAtOnceWithTimesOfZero) {
  dgen::Graph g;
  const Values y = play(compressor(g.input(), 2.0, -20.0, 0.0, 0.0, 0.0), 4, {{0.01, 1, 0.01, 1}});
  expect_near(y, {0.01, 0.31622776601683794, 0.01, 0.31622776601683794}, 1e-6);
}

TEST(Compressor, TakesAtMostSevenInputs) {
  dgen::Graph g;
  expect_error(dgen::ErrorCode::bad_arity, "compressor: takes at most 7 inputs, got 8",
               [&] { compressor(g.input(), 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0); });
}

}  // namespace

#include "dgen/oscillators.h"

#include <gtest/gtest.h>

#include "dgen/math.h"
#include "support/play.h"

namespace {

using namespace dgen_test;
using Values = std::vector<double>;

TEST(Accum, ShowsTheSumBeforeItsUpdateAndStartsAtZero) {
  dgen::Graph g;
  EXPECT_EQ(play(accum(g.constant(0.25)), 6), (Values{0, 0.25, 0.5, 0.75, 0, 0.25}));
}

TEST(Accum, WrapsDownwardsBelowItsMinimum) {
  dgen::Graph g;
  EXPECT_EQ(play(accum(g.constant(-0.5), 0.0, -1.0, 1.0), 6), (Values{0, -0.5, -1, 0.5, 0, -0.5}));
}

TEST(Accum, ShowsTheMinimumOneFrameAfterAReset) {
  dgen::Graph g;
  const Values reset{0, 0, 1, 0, 0.5, -1, 0};
  EXPECT_EQ(play(accum(g.constant(1), g.input(), 3.0, 10.0), 7, {reset}), (Values{0, 8, 9, 3, 4, 3, 4}));
}

TEST(Accum, AddsAnIncrementOfEveryFrame) {
  dgen::Graph g;
  EXPECT_EQ(play(accum(g.input(), 0.0, 0.0, 100.0), 5, {{1, 2, 3, 4, 5}}), (Values{0, 1, 3, 6, 10}));
}

TEST(Phasor, IsTheFractionOfElapsedPeriods) {
  dgen::Graph g;
  const auto expected = sequence(500, [](double n) { return n * 1000 / 48000 - std::floor(n * 1000 / 48000 + 1e-9); });
  expect_near(play(phasor(g.constant(1000)), 500), expected, 1e-8);
}

TEST(Phasor, RunsBackwardsAtNegativeFrequencies) {
  dgen::Graph g;
  EXPECT_EQ(play(phasor(g.constant(-12000)), 6), (Values{0, 0.75, 0.5, 0.25, 0, 0.75}));
}

TEST(Phasor, FollowsAFrequencyOfEveryFrame) {
  dgen::Graph g;
  EXPECT_EQ(play(phasor(g.input()), 5, {{6000, 12000, 24000, -12000, 0}}), (Values{0, 0.125, 0.375, 0.875, 0.625}));
}

TEST(Phasor, RunsAtTheActualSampleRate) {
  dgen::Graph g;
  EXPECT_EQ(play(phasor(g.constant(11025)), 5, {}, {.sample_rate = 44100}), (Values{0, 0.25, 0.5, 0.75, 0}));
}

TEST(Phasor, ShowsZeroAfterAReset) {
  dgen::Graph g;
  EXPECT_EQ(play(phasor(g.constant(12000), g.input()), 5, {{0, 1, 0, 0, 0}}), (Values{0, 0.25, 0, 0.25, 0.5}));
}

TEST(Triangle, RisesOverItsDutyAndFallsBack) {
  dgen::Graph g;
  EXPECT_EQ(play(triangle(g.input(), 0.25), 6, {{0, 0.125, 0.25, 0.625, 1, -0.375}}), (Values{0, 0.5, 1, 0.5, 0, 0.5}));
}

TEST(Triangle, IsASawAtTheEndsOfDuty) {
  dgen::Graph g;
  EXPECT_EQ(play(triangle(g.input(), 0.0), 3, {{0, 0.25, 0.75}}), (Values{1, 0.75, 0.25}));
  EXPECT_EQ(play(triangle(g.input(), 1.0), 3, {{0, 0.25, 0.75}}), (Values{0, 0.25, 0.75}));
}

TEST(Click, IsOneOnTheFirstFrameOnly) {
  dgen::Graph g;
  EXPECT_EQ(play(dgen::click(g), 5), (Values{1, 0, 0, 0, 0}));
}

TEST(Click, ComesAgainAfterAReset) {
  dgen::Graph g;
  g.output(dgen::click(g));
  dgen::Interpreter interpreter(g, 48000);
  Channels out{Values(3)};
  interpreter.process({}, out, 3);
  interpreter.reset();
  interpreter.process({}, out, 3);
  EXPECT_EQ(out[0], (Values{1, 0, 0}));
}

}  // namespace

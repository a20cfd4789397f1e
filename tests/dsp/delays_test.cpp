#include "dgen/delays.h"

#include <gtest/gtest.h>

#include "dgen/math.h"
#include "support/expect_error.h"
#include "support/play.h"

namespace {

using namespace dgen_test;
using dgen::ErrorCode;
using Values = std::vector<double>;

const Values ramp{1, 2, 3, 4, 5, 6};

TEST(History, IsTheSignalOneFrameAgo) {
  dgen::Graph g;
  EXPECT_EQ(play(history(g.input()), 6, {ramp}), (Values{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(play(history(g.input(), -7.0), 6, {ramp}), (Values{-7, 1, 2, 3, 4, 5}));
}

TEST(History, ClosesALoopThroughACell) {
  dgen::Graph g;
  const dgen::Signal y = dgen::history_cell(g, 1);
  g.close(y, y * 2.0);
  EXPECT_EQ(play(y, 5), (Values{1, 2, 4, 8, 16}));
}

TEST(History, ClosesALoopThroughReadAndWriteOps) {
  dgen::Graph g;
  const dgen::Signal y = g.n(dgen::ops::history_read, {0.5});
  EXPECT_EQ(play(history_write(y, y + 1.0), 4), (Values{1.5, 2.5, 3.5, 4.5}));
}

TEST(History, IsWrittenOnce) {
  dgen::Graph g;
  const dgen::Signal y = g.n(dgen::ops::history_read, {});
  history_write(y, 1.0);
  expect_error(ErrorCode::bad_feedback, "written twice", [&] { history_write(y, 2.0); });
  expect_error(ErrorCode::bad_feedback, "is not what history_read gave", [&] { history_write(g.input(), 2.0); });
}

TEST(Delay, GivesTheCurrentSampleAtTimeZeroAndZerosBeforeTheFirst) {
  dgen::Graph g;
  EXPECT_EQ(play(delay(g.input(), 0.0, 10.0), 6, {ramp}), ramp);
  EXPECT_EQ(play(delay(g.input(), 2.0, 10.0), 6, {ramp}), (Values{0, 0, 1, 2, 3, 4}));
}

TEST(Delay, ClampsItsTime) {
  dgen::Graph g;
  const Values time{-5, -5, 0, 100, 3, 4};
  for (const double interpolation : {0.0, 1.0, 3.0}) {
    EXPECT_EQ(play(delay(g.input(0), g.input(1), 3.0, interpolation), 6, {ramp, time}), (Values{1, 2, 3, 1, 2, 3}));
  }
}

TEST(Delay, AllowsNoDelayAtAll) {
  dgen::Graph g;
  for (const double interpolation : {0.0, 1.0, 3.0}) EXPECT_EQ(play(delay(g.input(), 5.0, 0.0, interpolation), 6, {ramp}), ramp);
}

TEST(Delay, TakesTheFrameBelowWithoutInterpolation) {
  dgen::Graph g;
  EXPECT_EQ(play(delay(g.input(), 1.9, 10.0, 0.0), 6, {ramp}), (Values{0, 1, 2, 3, 4, 5}));
}

TEST(Delay, InterpolatesLinearlyByDefault) {
  dgen::Graph g;
  expect_near(play(delay(g.input(), 1.25), 6, {ramp}), {0, 0.75, 1.75, 2.75, 3.75, 4.75}, 1e-12);
}

TEST(Delay, DrawsACubicThroughItsNeighbours) {
  dgen::Graph g;
  const auto parabola = sequence(40, [](double n) { return n * n; });  // central differences are its slopes
  const Values y = play(delay(g.input(), 2.75, 10.0, 3.0), 40, {parabola});
  for (std::size_t n = 4; n < y.size(); ++n) {
    const double at = static_cast<double>(n) - 2.75;
    EXPECT_NEAR(y[n], at * at, 1e-9) << "at frame " << n;
  }
}

TEST(Delay, FollowsATimeOfEveryFrame) {
  dgen::Graph g;
  const Values time{0, 1, 0.5, 3, 2.5, 0};
  expect_near(play(delay(g.input(0), g.input(1), 8.0), 6, {ramp, time}), {1, 1, 2.5, 1, 2.5, 6}, 1e-12);
}

TEST(Delay, TakesAtLeastOneFrameInALoop) {
  for (const double interpolation : {0.0, 1.0}) {
    dgen::Graph g;
    const dgen::Signal echo = g.feedback();
    const dgen::Signal y = g.input(0) + 0.5 * delay(echo, g.input(1), 8.0, interpolation);
    g.close(echo, y);
    EXPECT_EQ(play(y, 5, {{1, 0, 0, 0, 0}, {0, 0, 0.5, 1, 0}}), (Values{1, 0.5, 0.25, 0.125, 0.0625}));
  }
}

TEST(Delay, EchoesInALoop) {
  dgen::Graph g;
  const dgen::Signal echo = g.feedback();
  const dgen::Signal y = g.input() + 0.5 * delay(echo, 3.0, 100.0);
  g.close(echo, y);
  EXPECT_EQ(play(y, 8, {{1, 0, 0, 0, 0, 0, 0, 0}}), (Values{1, 0, 0, 0.5, 0, 0, 0.25, 0}));
}

TEST(Delay, SaysWhichLongestTimesItTakes) {
  dgen::Graph g;
  const dgen::Signal x = g.input();
  const std::string part = "delay: max must be a whole number in 0 … 67108864, got ";
  expect_error(ErrorCode::bad_value, part + "-1", [&] { delay(x, 1.0, -1.0); });
  expect_error(ErrorCode::bad_value, part + "1.5", [&] { delay(x, 1.0, 1.5); });
  expect_error(ErrorCode::bad_value, part, [&] { delay(x, 1.0, 67108865.0); });
  expect_error(ErrorCode::bad_value, "delay: max must be a number known when the patch is built", [&] { delay(x, 1.0, x); });
}

TEST(Delay, SaysWhichInterpolationsItTakes) {
  dgen::Graph g;
  expect_error(ErrorCode::bad_value, "delay: interpolation must be 0 (none), 1 (linear) or 3 (cubic), got 2",
               [&] { delay(g.input(), 1.0, 10.0, 2.0); });
}

TEST(Delay, RefusesWrongInputs) {
  dgen::Graph g, other;
  expect_error(ErrorCode::bad_arity, "delay: takes 2 to 4 inputs", [&] { delay(g.input()); });
  expect_error(ErrorCode::bad_arity, "got 5", [&] { delay(g.input(), 1.0, 2.0, 1.0, 1.0); });
  expect_error(ErrorCode::mixed_graphs, "): input 2, in1, belongs to another graph", [&] { delay(g.input(), other.input()); });
}

TEST(Delta, IsTheStepFromTheFrameBefore) {
  dgen::Graph g;
  EXPECT_EQ(play(delta(g.input()), 5, {{3, 4, 4, 1, 2}}), (Values{3, 1, 0, -3, 1}));
}

TEST(Change, IsTheSignOfTheStep) {
  dgen::Graph g;
  EXPECT_EQ(play(change(g.input()), 5, {{3, 4, 4, 1, 2}}), (Values{1, 1, 0, -1, 1}));
}

}  // namespace

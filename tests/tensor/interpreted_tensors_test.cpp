// What tensors and the hop clock compute, in the interpreter.

#include <gtest/gtest.h>

#include <numeric>

#include "dgen/compare.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/segment.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "support/interpret.h"

namespace {

using namespace dgen;
using dgen::testing::Channels;
using dgen::testing::interpret;
using dgen::testing::ramp;
using Numbers = std::vector<double>;

/// One wanted signal over a segment.
Numbers segment(Graph& g, Signal wanted, const Channels& in, std::int64_t frames) {
  return SegmentInterpreter(g, std::span(&wanted, 1), 48000).evaluate(in, frames)[0];
}

TEST(Windows, SeeTheLastFramesOldestFirst) {
  Graph g;
  EXPECT_EQ(segment(g, window(g.input(), 3, 2), {ramp(5)}, 5), (Numbers{0, 0, 1, 1, 2, 3, 3, 4, 5}));
}

TEST(Windows, OfOneFrameSampleTheSignal) {
  Graph g;
  EXPECT_EQ(segment(g, window(g.input(), 1, 3), {ramp(8)}, 8), (Numbers{1, 4, 7}));
}

TEST(OverlapAdd, LaysFramesDownFromTheirTickOn) {
  Graph g;
  const Signal y = overlap_add(window(g.input(), 1, 2) * tensor(g, {1, 10, 100}));
  EXPECT_EQ(segment(g, y, {ramp(6)}, 6), (Numbers{1, 10, 103, 30, 305, 50}));
}

TEST(OverlapAdd, AccumulatesEveryOverlap) {
  // Overwriting instead of adding would leave 1 where four windows overlap.
  Graph g;
  const Signal y = overlap_add(window(g.constant(1.0) + 0.0 * g.input(), 4, 1));
  EXPECT_EQ(segment(g, y, {ramp(6)}, 6), (Numbers{0, 0, 0, 4, 4, 4}));
  EXPECT_EQ(segment(g, overlap_add(expand(tick_frame(g, 1) * 0.0 + 1.0, extents({4}))), {}, 6), (Numbers{1, 2, 3, 4, 4, 4}));
}

TEST(Hold, GivesTheLastTickAtEveryFrame) {
  Graph g;
  EXPECT_EQ(segment(g, hold(sum(window(g.input(), 1, 3))), {ramp(7)}, 7), (Numbers{1, 1, 1, 4, 4, 4, 7}));
}

TEST(Hold, IsSavedWithTheState) {
  Graph g;
  g.output(sum(window(g.input(), 1, 4)) + overlap_add(window(g.input(), 6, 4)));
  const Channels all = interpret(g, 23, {ramp(23)});
  Interpreter first(g, 48000), second(g, 48000);
  Channels a, b;
  first.process(Channels{ramp(6)}, a, 6);
  second.restore(first.save());
  Numbers rest = ramp(23);
  rest.erase(rest.begin(), rest.begin() + 6);
  second.process(Channels{rest}, b, 17);
  a[0].insert(a[0].end(), b[0].begin(), b[0].end());
  EXPECT_EQ(a, all);
}

TEST(Segments, CarryTicksAcrossTheirEnds) {
  Graph g;
  const Signal y = hold(sum(window(g.input(), 3, 4))) + overlap_add(window(g.input(), 5, 4));
  const Numbers all = segment(g, y, {ramp(19)}, 19);
  SegmentInterpreter run(g, std::span(&y, 1), 48000);
  const Numbers x = ramp(19);
  const Channels begin{Numbers(x.begin(), x.begin() + 7)}, end{Numbers(x.begin() + 7, x.end())};
  Numbers parts = run.evaluate(begin, 7)[0];
  const Numbers more = run.evaluate(end, 12, From::carried)[0];
  parts.insert(parts.end(), more.begin(), more.end());
  EXPECT_EQ(parts, all);
}

TEST(Sums, RunOverTheLastAxisAndOverTicks) {
  Graph g;
  const Signal x = reshape(window(g.input(), 4, 2), extents({2, 2}));
  EXPECT_EQ(segment(g, sum(x), {ramp(4)}, 4), (Numbers{0, 1, 1, 5}));  // of [[0, 0], [0, 1]] and [[0, 1], [2, 3]]
  EXPECT_EQ(segment(g, ops::time_sum(sum(sum(x))), {ramp(4)}, 4), (Numbers{7}));
  EXPECT_EQ(segment(g, time_mean(sum(sum(x))), {ramp(4)}, 4), (Numbers{3.5}));
  EXPECT_EQ(segment(g, ops::time_sum(x), {ramp(4)}, 4), (Numbers{0, 1, 2, 4}));
  EXPECT_EQ(segment(g, sum_to(x, extents({2, 1})), {ramp(3)}, 3), (Numbers{0, 1, 1, 5}));
}

TEST(Linear, MultipliesTheLastAxis) {
  Graph g;
  const Signal matrix = tensor(g, Numbers{1, 2, 3, 4, 5, 6}, extents({2, 3}));
  EXPECT_EQ(segment(g, linear(window(g.input(), 3, 3), matrix), {ramp(4)}, 4), (Numbers{3, 6, 2 + 6 + 12, 8 + 15 + 24}));
}

TEST(Broadcasting, FollowsNumpy) {
  Graph g;
  const Signal column = tensor(g, Numbers{10, 20}, extents({2, 1}));
  EXPECT_EQ(segment(g, window(g.input(), 2, 2) + column, {ramp(1)}, 1), (Numbers{10, 11, 20, 21}));
}

TEST(FrameTensors, RunThroughHistories) {
  Graph g;
  const Signal sums = ops::cell(tensor(g, {0, 100}));
  g.close(sums, sums + g.input() * tensor(g, {1, 2}));
  EXPECT_EQ(segment(g, sum(sums), {ramp(4)}, 4), (Numbers{100, 103, 109, 118}));
}

TEST(TickFrame, CountsFrames) {
  Graph g;
  EXPECT_EQ(segment(g, tick_frame(g, 3), {}, 8), (Numbers{0, 3, 6}));
}

}  // namespace

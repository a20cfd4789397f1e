#include "dgen/memory.h"

#include <gtest/gtest.h>

#include <limits>

#include "dgen/math.h"
#include "support/expect_error.h"
#include "support/play.h"

namespace {

using namespace dgen_test;
using dgen::ErrorCode;
using Values = std::vector<double>;

const Values squares{0, 1, 4, 9};
constexpr double clip = 0, wrap = 1, zero = 2;

Values read(const Values& index, double bound, double interpolation) {
  dgen::Graph g;
  const dgen::Signal y = memory_read(table(g, squares), g.input(), bound, interpolation);
  return play(y, static_cast<std::int64_t>(index.size()), {index});
}

TEST(MemoryRead, TakesTheElementBelow) { EXPECT_EQ(read({0, 1, 2.9, 3}, clip, 0), (Values{0, 1, 4, 9})); }

TEST(MemoryRead, IsBoundAsAsked) {
  const Values index{-1, -0.5, 4, 5, -5};
  EXPECT_EQ(read(index, clip, 0), (Values{0, 0, 9, 9, 0}));
  EXPECT_EQ(read(index, wrap, 0), (Values{9, 9, 0, 1, 9}));
  EXPECT_EQ(read(index, zero, 0), (Values{0, 0, 0, 0, 0}));
}

TEST(MemoryRead, InterpolatesLinearlyAcrossTheBound) {
  EXPECT_EQ(read({0.5, 2.5, 3.5, -0.5}, clip, 1), (Values{0.5, 6.5, 9, 0}));
  EXPECT_EQ(read({0.5, 2.5, 3.5, -0.5}, wrap, 1), (Values{0.5, 6.5, 4.5, 4.5}));
  EXPECT_EQ(read({0.5, 2.5, 3.5, -0.5}, zero, 1), (Values{0.5, 6.5, 4.5, 0}));
}

TEST(MemoryRead, DrawsACubicThroughItsNeighbours) {
  expect_near(read({1, 1.25, 1.5, 1.75, 2}, clip, 3), {1, 1.5625, 2.25, 3.0625, 4}, 1e-12);
}

TEST(MemoryRead, SaysWhichBoundsAndInterpolationsItTakes) {
  dgen::Graph g;
  const dgen::Signal t = table(g, squares);
  expect_error(ErrorCode::bad_value, "memory_read: bound (0 clip, 1 wrap, 2 zero) must be a whole number in 0 … 2, got 3",
               [&] { memory_read(t, 0.0, 3.0); });
  expect_error(ErrorCode::bad_value, "memory_read: interpolation must be 0 (none), 1 (linear) or 3 (cubic), got 4",
               [&] { memory_read(t, 0.0, 0.0, 4.0); });
  expect_error(ErrorCode::bad_type, "must be a table", [&] { memory_read(g.input(), 0.0); });
}

TEST(MemoryWrite, IsSeenByReadsOfLaterFrames) {
  dgen::Graph g;
  const dgen::Signal t = table(g, squares);
  memory_write(t, g.input(), 7.0);
  EXPECT_EQ(play(memory_read(t, 1.0), 4, {{0, 1, 2, 3}}), (Values{1, 1, 7, 7}));
}

TEST(MemoryWrite, IsSeenInTheSameFrameAfterSeq) {
  dgen::Graph g;
  const dgen::Signal t = table(g, squares);
  const dgen::Signal y = seq(memory_write(t, g.input(), 7.0), memory_read(t, 1.0));
  EXPECT_EQ(play(y, 4, {{0, 1, 2, 3}}), (Values{1, 7, 7, 7}));
}

TEST(MemoryWrite, IgnoresAnIndexOutside) {
  dgen::Graph g;
  const dgen::Signal t = table(g, squares);
  const dgen::Signal y = seq(memory_write(t, g.input(), 7.0), memory_read(t, 0.0) + memory_read(t, 3.0));
  EXPECT_EQ(play(y, 3, {{-1, 4, 3.5}}), (Values{9, 9, 7}));
}

TEST(MemoryWrite, LetsTheLaterOfTwoWritesWin) {
  dgen::Graph g;
  const dgen::Signal t = table(g, squares);
  memory_write(t, 2.0, 5.0);
  memory_write(t, 2.0, 6.0);
  EXPECT_EQ(play(memory_read(t, 2.0), 3), (Values{4, 6, 6}));
}

TEST(MemoryWrite, ClosesALoopThroughTheTable) {
  dgen::Graph g;
  const dgen::Signal t = table(g, {1});
  const dgen::Signal y = memory_read(t, 0.0);
  memory_write(t, 0.0, 2.0 * y);
  EXPECT_EQ(play(y, 5), (Values{1, 2, 4, 8, 16}));
}

TEST(MemoryWrite, TakesOnlyTables) {
  dgen::Graph g;
  expect_error(ErrorCode::bad_type, "memory_write: input 1 must be a table", [&] { memory_write(g.input(), 0.0, 1.0); });
}

TEST(Peek, IsZeroOutside) {
  dgen::Graph g;
  EXPECT_EQ(play(peek(table(g, {5, 6}), g.input()), 5, {{-1, 0, 1.5, 2, 1}}), (Values{0, 5, 6, 0, 6}));
}

TEST(Table, HoldsFiniteNumbersAndAtLeastOne) {
  dgen::Graph g;
  expect_error(ErrorCode::bad_value, "table 'wave': holds 0 numbers", [&] { table(g, {}, "wave"); });
  expect_error(ErrorCode::bad_value, "table 'wave': element 1 is not a finite number", [&] {
    table(g, {1, std::numeric_limits<double>::infinity()}, "wave");
  });
}

}  // namespace

#include "dgen/shapes.h"

#include <gtest/gtest.h>

#include "support/play.h"

namespace {

using namespace dgen_test;
using Values = std::vector<double>;

TEST(Clip, LimitsToItsRange) {
  dgen::Graph g;
  EXPECT_EQ(play(clip(g.input(), -1.0, 2.0), 5, {{-3, -1, 0.5, 2, 7}}), (Values{-1, -1, 0.5, 2, 2}));
}

TEST(Fold, ReflectsAtBothEnds) {
  dgen::Graph g;
  EXPECT_EQ(play(fold(g.input()), 7, {{0.25, 1.25, 2.25, 3.5, -0.25, -1.25, 1}}), (Values{0.25, 0.75, 0.25, 0.5, 0.25, 0.75, 1}));
  EXPECT_EQ(play(fold(g.input(), -1.0, 3.0), 3, {{4, -2, 8}}), (Values{2, 0, 0}));
}

TEST(Scale, MapsOneRangeToAnotherWithoutLimits) {
  dgen::Graph g;
  EXPECT_EQ(play(scale(g.input(), 0.0, 2.0, 10.0, 20.0), 4, {{0, 1, 2, 4}}), (Values{10, 15, 20, 30}));
  EXPECT_EQ(play(scale(g.input(), 0.0, 2.0, 20.0, 10.0), 3, {{0, 0.5, 2}}), (Values{20, 17.5, 10}));
}

TEST(Scale, BendsByItsCurveTheSameOnBothSidesOfZero) {
  dgen::Graph g;
  expect_near(play(scale(g.input(), 0.0, 1.0, 0.0, 8.0, 2.0), 4, {{0, 0.5, 1, -0.5}}), {0, 2, 8, -2}, 1e-12);
}

TEST(Mix, GoesFromItsFirstInputToItsSecond) {
  dgen::Graph g;
  EXPECT_EQ(play(mix(g.constant(2), 10.0, g.input()), 4, {{0, 0.25, 1, 2}}), (Values{2, 4, 10, 18}));
}

}  // namespace

#include "dgen/control.h"

#include <gtest/gtest.h>

#include "support/play.h"

namespace {

using namespace dgen_test;
using Values = std::vector<double>;

TEST(Gswitch, TakesItsFirstChoiceWherePositive) {
  dgen::Graph g;
  EXPECT_EQ(play(gswitch(g.input(), 5.0, 7.0), 4, {{-1, 0, 0.001, 2}}), (Values{7, 7, 5, 5}));
}

TEST(Selector, CountsFromOneByTheCeilingAndIsZeroOutside) {
  dgen::Graph g;
  const Values mode{-1, 0, 0.1, 1, 1.1, 2, 2.5, 3, 3.01, 100};
  EXPECT_EQ(play(selector(g.input(), 10.0, 20.0, 30.0), 10, {mode}), (Values{0, 0, 10, 10, 20, 20, 30, 30, 0, 0}));
}

TEST(Latch, ShowsTheValueInTheFrameOfItsTrigger) {
  dgen::Graph g;
  const Values x{1, 2, 3, 4, 5, 6}, trigger{0, 1, 0, -1, 0.5, 0};
  EXPECT_EQ(play(latch(g.input(0), g.input(1)), 6, {x, trigger}), (Values{0, 2, 2, 2, 5, 5}));
}

}  // namespace

#include "base/trial.h"

#include <gtest/gtest.h>

namespace dgen::base {
namespace {

/// The way taken after the tries, where the ways take so long.
int chosen(double plain, double other) {
  Trial trial;
  for (int k = 0; k < 6; ++k) {
    EXPECT_EQ(trial.way(), k % 2);
    trial.took(trial.way() == 0 ? plain : other);
  }
  return trial.way();
}

TEST(Trial, TakesTheFasterWay) { EXPECT_EQ(chosen(2, 1), 1); }
TEST(Trial, TakesThePlainWayWhereTheOtherIsNotWorthIt) {
  EXPECT_EQ(chosen(1, 2), 0);
  EXPECT_EQ(chosen(1, 0.99), 0);
}

TEST(Trial, TriesAgainAfterAWhile) {
  Trial trial;
  for (int k = 0; k < 506; ++k) trial.took(trial.way() == 0 ? 1 : 2);
  for (int k = 0; k < 6; ++k) trial.took(trial.way() == 0 ? 2 : 1);
  EXPECT_EQ(trial.way(), 1);
}

}  // namespace
}  // namespace dgen::base

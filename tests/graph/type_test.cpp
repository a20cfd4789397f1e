#include "dgen/type.h"

#include <gtest/gtest.h>

#include "dgen/error.h"

namespace {

TEST(Broadcast, FollowsNumpy) {
  const dgen::Shape a{.extent = {8, 1, 3}, .rank = 3}, b{.extent = {4, 1}, .rank = 2};
  EXPECT_EQ(dgen::broadcast(a, b), (dgen::Shape{.extent = {8, 4, 3}, .rank = 3}));
}

TEST(Broadcast, NamesBothShapesWhereTheyDoNotFit) {
  const dgen::Shape a{.extent = {2, 3}, .rank = 2}, b{.extent = {4}, .rank = 1};
  try {
    dgen::broadcast(a, b);
    FAIL() << "accepted shapes that do not fit";
  } catch (const dgen::Error& e) {
    EXPECT_STREQ(e.what(), "shapes [2, 3] and [4] do not broadcast: dimension 1 from the last is 3 and 4");
  }
}

}  // namespace

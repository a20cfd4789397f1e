// Points to start from.

#include "dgen/starts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "support/expect_error.h"

namespace {

using namespace dgen;

TEST(LatinHypercube, PutsOnePointIntoEachStratumOfEveryCoordinate) {
  constexpr std::int64_t points = 257, dimensions = 7;
  const std::vector<double> made = latin_hypercube(points, dimensions, 3);
  ASSERT_EQ(std::ssize(made), points * dimensions);
  for (std::int64_t d = 0; d < dimensions; ++d) {
    std::set<std::int64_t> strata;
    for (std::int64_t p = 0; p < points; ++p) {
      const double x = made[static_cast<std::size_t>(p * dimensions + d)];
      ASSERT_GT(x, 0);
      ASSERT_LT(x, 1);
      strata.insert(static_cast<std::int64_t>(x * points));
    }
    EXPECT_EQ(std::ssize(strata), points) << "coordinate " << d;
  }
}

TEST(LatinHypercube, OrdersCoordinatesWithoutRegardToEachOther) {
  // The correlation of two independent uniform rows of 1024 has a deviation of 1/32.
  constexpr std::int64_t points = 1024, dimensions = 6;
  const std::vector<double> made = latin_hypercube(points, dimensions, 1);
  for (std::size_t a = 0; a < dimensions; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      double sum = 0;
      for (std::size_t p = 0; p < points; ++p) sum += (made[p * dimensions + a] - 0.5) * (made[p * dimensions + b] - 0.5);
      EXPECT_LT(std::fabs(sum / points * 12), 4.0 / 32) << a << ", " << b;
    }
  }
}

TEST(LatinHypercube, EstimatesAMeanBetterThanIndependentPoints) {
  // Of a sum of functions of one coordinate each: McKay, Beckman, Conover 1979, theorem 1 and Stein 1987.
  const auto error_of = [](const std::vector<double>& points) {
    double sum = 0;
    for (std::size_t p = 0; p < points.size(); p += 2) sum += points[p] * points[p] + std::exp(points[p + 1]);
    return std::fabs(2 * sum / static_cast<double>(points.size()) - (1.0 / 3 + std::exp(1) - 1));
  };
  double latin = 0, independent = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    latin += error_of(latin_hypercube(100, 2, seed));
    independent += error_of(random_points(100, 2, seed));
  }
  EXPECT_LT(10 * latin, independent);
}

TEST(Starts, AreTheSameForTheSameSeedAndNoOther) {
  EXPECT_EQ(latin_hypercube(50, 3, 7), latin_hypercube(50, 3, 7));
  EXPECT_NE(latin_hypercube(50, 3, 7), latin_hypercube(50, 3, 8));
  EXPECT_EQ(random_points(50, 3, 7), random_points(50, 3, 7));
  EXPECT_NE(random_points(50, 3, 7), random_points(50, 3, 8));
}

TEST(RandomPoints, AreUniformAndDoNotDependOnHowManyFollow) {
  const std::vector<double> many = random_points(4096, 2, 5), few = random_points(64, 2, 5);
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
  std::vector<int> count(16);
  for (const double x : many) ++count[static_cast<std::size_t>(16 * x)];
  double chi_square = 0;
  for (const int c : count) chi_square += (c - 512.0) * (c - 512.0) / 512;
  EXPECT_LT(chi_square, 37.7);  // exceeded with a chance of 0.001 at 15 degrees of freedom
}

TEST(Starts, RefuseNothingAndTooMuch) {
  expect_error(ErrorCode::bad_value, "0 points of 3 numbers", [] { latin_hypercube(0, 3, 0); });
  expect_error(ErrorCode::bad_value, "5 points of 0 numbers", [] { random_points(5, 0, 0); });
  expect_error(ErrorCode::limit_exceeded, "draw fewer points", [] { latin_hypercube(1 << 20, 4096, 0); });
}

}  // namespace

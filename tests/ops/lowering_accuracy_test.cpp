// What the kernels compute for every pointwise op, against its meaning in double: on its domain, at the numbers where
// functions go wrong, and densely over all floats for functions of one input. DGEN_PRINT_ACCURACY=1 prints the errors.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <random>

#include "ops/pointwise.h"
#include "support/op_accuracy.h"

namespace {

using dgen::OpDef;
using dgen::ir::Scalar;
using dgen::testing::accuracy_exception;
using dgen::testing::arity;
using dgen::testing::error_in_units;
using dgen::testing::Lowered;
using dgen::testing::special_points;
using dgen::testing::stored;
using Points = std::vector<std::vector<double>>;

class EveryPointwiseOp : public testing::TestWithParam<const OpDef*> {};

struct Worst {
  double units = 0;
  double relative = 0;
  std::vector<double> at{};
  double actual = 0;
};

Worst worst(const OpDef& op, Scalar scalar, Points points) {
  for (std::vector<double>& point : points)
    for (double& x : point) x = stored(scalar, x);
  std::erase_if(points, [&](const std::vector<double>& x) { return accuracy_exception(op, x) != nullptr; });
  const std::vector<double> actual = Lowered(op, {scalar, true})(points);
  Worst found;
  for (std::size_t n = 0; n < points.size(); ++n) {
    const double units = error_in_units(op, scalar, points[n], actual[n]);
    if (units > found.units) found = {units, std::fabs(actual[n] / op.meaning(points[n]) - 1), points[n], actual[n]};
  }
  return found;
}

/// The largest error in f64, in units of its last place. The meaning itself is within about one unit.
double double_limit(const OpDef& op) {
  return op.name == "pow" ? 24 : 4;  // a small error of the exponent is a large one of a result near the ends of the range
}

void expect_within(const OpDef& op, Scalar scalar, const Worst& found, const char* where) {
  if (std::getenv("DGEN_PRINT_ACCURACY")) {
    std::printf("%-12s %s %-8s %10.3g ulp  %10.3g relative  at %s\n", std::string(op.name).c_str(), to_string(scalar), where,
                found.units, found.relative, testing::PrintToString(found.at).c_str());
  }
  const double limit = scalar == Scalar::f32 ? op.ulp : double_limit(op);
  EXPECT_LE(found.units, limit) << "in " << to_string(scalar) << " at " << testing::PrintToString(found.at) << ": "
                                << found.actual << ", exact is " << op.meaning(found.at);
}

const Scalar both[] = {Scalar::f32, Scalar::f64};

TEST_P(EveryPointwiseOp, IsAccurateOnItsDomain) {
  const OpDef& op = *GetParam();
  for (const Scalar scalar : both)
    expect_within(op, scalar, worst(op, scalar, dgen::testing::domain_points(op, 20000, 1)), "domain");
}

TEST_P(EveryPointwiseOp, IsAccurateAtSpecialNumbers) {
  const OpDef& op = *GetParam();
  for (const Scalar scalar : both) expect_within(op, scalar, worst(op, scalar, special_points(op, scalar)), "special");
}

TEST_P(EveryPointwiseOp, KeepsTheSignOfZero) {
  const OpDef& op = *GetParam();
  for (const double zero : {0.0, -0.0}) {
    const Points points{std::vector<double>(arity(op), zero)};
    const double exact = op.meaning(points[0]);
    if (exact != 0) continue;
    for (const Scalar scalar : both) {
      EXPECT_EQ(std::signbit(Lowered(op, {scalar, true})(points)[0]), std::signbit(exact))
          << "in " << to_string(scalar) << " at " << zero;
    }
  }
}

TEST_P(EveryPointwiseOp, GivesTheSameInScalarsAndVectors) {
  const OpDef& op = *GetParam();
  const Points points = dgen::testing::domain_points(op, 100, 2);
  for (const Scalar scalar : both) {
    const std::vector<double> wide = Lowered(op, {scalar, true})(points);
    const Lowered narrow(op, {scalar, false});
    for (std::size_t n = 0; n < points.size(); ++n) EXPECT_EQ(narrow({points[n]})[0], wide[n]);
  }
}

TEST_P(EveryPointwiseOp, OfOneInputIsAccurateOverAllFloats) {
  const OpDef& op = *GetParam();
  if (arity(op) != 1) GTEST_SKIP() << "of several inputs";
  const char* dense = std::getenv("DGEN_DENSE_SWEEP");
  const std::uint32_t step = dense ? 4099 : 65537;  // prime to 2^32, so that fractions differ
  Points points;
  for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += step)
    points.push_back({std::bit_cast<float>(static_cast<std::uint32_t>(bits))});
  expect_within(op, Scalar::f32, worst(op, Scalar::f32, points), "all");
}

/// Any number of the type: any bits.
double any_number(Scalar scalar, std::mt19937_64& random) {
  const std::uint64_t bits = random();
  return scalar == Scalar::f64 ? std::bit_cast<double>(bits) : double{std::bit_cast<float>(static_cast<std::uint32_t>(bits))};
}

TEST_P(EveryPointwiseOp, IsAccurateForAnyNumbers) {
  const OpDef& op = *GetParam();
  std::mt19937_64 random(7);
  for (const Scalar scalar : both) {
    Points points(20000, std::vector<double>(arity(op)));
    for (std::vector<double>& point : points)
      for (double& x : point) x = any_number(scalar, random);
    expect_within(op, scalar, worst(op, scalar, points), "any");
  }
}

TEST(Power, IsAccurateNearTheEndsOfTheRange) {
  const OpDef& pow = *dgen::find_op("pow");
  std::mt19937_64 random(8);
  for (const Scalar scalar : both) {
    const double range = scalar == Scalar::f32 ? 126 : 1022;
    std::uniform_real_distribution<double> exponent(-range, range), fraction(0.5, 2);
    Points points;
    for (int n = 0; n < 20000; ++n) {
      // Bases over the whole range, and bases near 1 with large exponents.
      const double base = n % 2 ? std::exp2(exponent(random)) : fraction(random);
      points.push_back({base, exponent(random) / std::log2(base)});
    }
    expect_within(pow, scalar, worst(pow, scalar, points), "ends");
  }
}

TEST(Tangent, IsFiniteForLargeArguments) {
  Points points;
  for (double x = 1e5; x < 3e38; x *= 1.0009) points.push_back({stored(Scalar::f32, x)}), points.push_back({-points.back()[0]});
  for (const double y : Lowered(*dgen::find_op("tan"), {Scalar::f32, true})(points)) EXPECT_TRUE(std::isfinite(y));
}

TEST(Sine, StaysWithinOneForLargeArguments) {
  for (const char* name : {"sin", "cos"}) {
    Points points;
    for (double x = 1e5; x < 3e38; x *= 1.0009) points.push_back({x}), points.push_back({-x});
    for (const Scalar scalar : both) {
      Points rounded = points;
      for (std::vector<double>& x : rounded) x[0] = stored(scalar, x[0]);
      for (const double y : Lowered(*dgen::find_op(name), {scalar, true})(rounded)) EXPECT_LE(std::fabs(y), 1) << name;
    }
  }
}

TEST(Wrap, NeverReachesItsUpperBound) {
  const Lowered wrap(*dgen::find_op("wrap"), {Scalar::f32, true});
  Points points;
  for (const double below : {1e-3, 1e-8, 1e-12, 1e-30}) {
    points.push_back({-below, 0, 1}), points.push_back({-below, -1, 0}), points.push_back({5 - below, 3, 5});
  }
  for (std::vector<double>& point : points)
    for (double& x : point) x = stored(Scalar::f32, x);
  const std::vector<double> y = wrap(points);
  for (std::size_t n = 0; n < points.size(); ++n) {
    EXPECT_GE(y[n], points[n][1]);
    EXPECT_LT(y[n], points[n][2]);
  }
}

INSTANTIATE_TEST_SUITE_P(Ops, EveryPointwiseOp, testing::ValuesIn(dgen::testing::pointwise_ops()),
                         [](const auto& test) { return std::string(test.param->name); });

}  // namespace

#include "support/op_accuracy.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/pointwise.h"

namespace dgen::testing {

using ir::Scalar;

namespace {

using Float = std::numeric_limits<float>;
using Double = std::numeric_limits<double>;

constexpr double infinity = Double::infinity();

double smallest_normal(Scalar scalar) { return scalar == Scalar::f32 ? double{Float::min()} : Double::min(); }

/// Distance of neighbouring floats at y.
double unit(Scalar scalar, double y) {
  const double size =
      std::clamp(std::fabs(y), smallest_normal(scalar), scalar == Scalar::f32 ? double{Float::max()} : Double::max());
  return std::ldexp(1.0, std::ilogb(size) - (scalar == Scalar::f32 ? 23 : 52));
}

/// In f64, remainders are as accurate as their inputs, not as their result.
double tolerated(const OpDef& op, Scalar scalar, const std::vector<double>& x) {
  if (scalar == Scalar::f32) return op.absolute;
  if (op.name == "mod") return Double::epsilon() * std::fabs(x[1]);
  if (op.name == "wrap") return Double::epsilon() * std::fmax(std::fabs(x[0]), std::fmax(std::fabs(x[1]), std::fabs(x[2])));
  return 0;
}

}  // namespace

double stored(Scalar scalar, double x) {
  const double y = scalar == Scalar::f32 ? static_cast<double>(static_cast<float>(x)) : x;
  return std::fabs(y) < smallest_normal(scalar) ? std::copysign(0.0, y) : y;
}

const char* accuracy_exception(const OpDef& op, const std::vector<double>& x) {
  const bool turns = op.name == "sin" || op.name == "cos" || op.name == "tan";
  if (turns && std::isfinite(x[0]) && std::fabs(x[0]) > 1e5) return "argument reduction is exact up to 1e5";
  if (op.name == "mod" && std::fabs(x[0] / x[1]) > 0x1p48) return "remainders are exact for quotients up to 2^48";
  if (op.name == "mod" && std::fabs(x[1]) < 0x1p-960) return "remainders in double take the divisor in two halves";
  if (op.name == "wrap" && std::fabs((x[0] - x[1]) / (x[2] - x[1])) > 0x1p22) return "wraps are exact up to 2^22 periods";
  return nullptr;
}

double error_in_units(const OpDef& op, Scalar scalar, const std::vector<double>& x, double actual) {
  const double exact = op.meaning(x);
  const double bound = scalar == Scalar::f32 ? 0x1p128 : Double::max();
  if (std::isnan(exact) || std::isnan(actual)) return std::isnan(exact) == std::isnan(actual) ? 0 : infinity;
  if (exact == actual || stored(scalar, exact) == actual) return 0;
  if (std::isinf(exact) || (scalar == Scalar::f64 && std::isinf(actual))) return infinity;
  double difference = std::fabs(std::clamp(actual, -bound, bound) - exact);
  // At the jump the ends of the range are one and the same.
  if (op.modular) difference = std::fmin(difference, std::fabs(std::fabs(x[2] - x[1]) - difference));
  // Below the smallest normal number only zero is left.
  if (std::fabs(exact) <= smallest_normal(scalar) * (1 + 8 * Double::epsilon()) && difference <= smallest_normal(scalar))
    return 0;
  if (difference <= tolerated(op, scalar, x)) return 0;
  return difference / unit(scalar, exact);
}

std::vector<std::vector<double>> special_points(const OpDef& op, Scalar scalar) {
  const double denormal = smallest_normal(scalar) / 2;
  std::vector<double> numbers{0.0,
                              infinity,
                              Double::quiet_NaN(),
                              denormal,
                              smallest_normal(scalar),
                              0.3,
                              0.5,
                              1,
                              1.5,
                              2,
                              3,
                              7,
                              1e-6,
                              1e4,
                              1e18,
                              88.7,
                              127.99,
                              104,
                              scalar == Scalar::f32 ? double{Float::max()} : Double::max()};
  const std::size_t positive = numbers.size();
  for (std::size_t k = 0; k < positive; ++k) numbers.push_back(-numbers[k]);
  std::vector<std::vector<double>> points{{}};
  for (std::size_t k = 0; k < arity(op); ++k) {
    std::vector<std::vector<double>> longer;
    for (const std::vector<double>& point : points) {
      const auto extend = [&](double x) {
        longer.push_back(point);
        longer.back().push_back(x);
      };
      for (const double x : numbers) extend(x);
      extend(op.domain[k].lo), extend(op.domain[k].hi);
    }
    points = std::move(longer);
  }
  return points;
}

}  // namespace dgen::testing

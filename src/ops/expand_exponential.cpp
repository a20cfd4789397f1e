#include "ops/expand_exponential.h"

#include <numbers>

#include "ops/polynomial.h"

namespace dgen::ops::expand {

namespace {

// Minimax polynomials found by Remez exchange, relative error below 2^-26 (single) and 2^-55 (double).
// e^r - 1 = r P(r), |r| <= ln 2 / 2.
constexpr std::array exponential_single{1.0, 0.4999999702, 0.1666654348, 0.04166720062, 0.008366520517, 0.001388252131};
constexpr std::array exponential_double{1.0,
                                        0.5,
                                        0.166666666666666768,
                                        0.0416666666666665117,
                                        0.00833333333332169149,
                                        0.00138888888889623701,
                                        0.00019841269885966252,
                                        0.0000248015871725398839,
                                        2.7557244373864581e-6,
                                        2.75574026414213158e-7,
                                        2.5108978994025774e-8,
                                        2.08753304268411343e-9};
// 2^r = P(r), |r| <= 1/2.
constexpr std::array two_single{1.0, 0.6931472421, 0.2402265221, 0.05550310388, 0.009617692791, 0.00134066469, 0.000155946851};
constexpr std::array two_double{1.0,
                                0.69314718055994573,
                                0.240226506959100972,
                                0.0555041086647903859,
                                0.00961812910760699927,
                                0.00133335581534408851,
                                0.000154035304415781846,
                                0.0000152527273846133288,
                                1.32154426716391859e-6,
                                1.01806477865826545e-7,
                                7.07257114965877276e-9,
                                4.07806872189911481e-10};
// sinh x = x P(x^2), |x| <= 1.
constexpr std::array sinh_single{1.0, 0.1666671634, 0.008330283687, 0.0002037219383};
constexpr std::array sinh_double{1.0,
                                 0.166666666666666685,
                                 0.0083333333333331476,
                                 0.000198412698414318726,
                                 2.75573191570718482e-6,
                                 2.50521231367259088e-8,
                                 1.60572597686033163e-10,
                                 7.75874880220790717e-13};

/// Largest x whose e^x is finite, and smallest whose e^x is normal.
double largest_exponent(Value x) { return pick(x, 88.72283172607422, 709.782712893384); }
double smallest_exponent(Value x) { return pick(x, -87.33654022216797, -708.3964185322641); }

/// x = whole * ln 2 + rest. `sum` has the whole number in its low bits.
struct Split {
  Value sum, rest;
};

Split split(Value x) {
  const Value sum = x * std::numbers::log2e + rounder(x);
  const Value whole = sum - rounder(x);
  const Value rest = (x - whole * pick(x, ln2_single, ln2_double)) - whole * pick(x, ln2_single_rest, ln2_double_rest);
  return {sum, rest};
}

/// e^rest - 1, |rest| <= ln 2 / 2.
Value small_expm1(Value rest) { return rest * polynomial(rest, exponential_single, exponential_double); }

/// x times 2 to the whole number in the low bits of `sum`, plus `offset`; by its exponent bits, without a check of the range.
Value scaled(Value x, Value sum, std::int64_t offset = 0) {
  const Value whole = offset == 0 ? bits(sum) : bits(sum) + bit_pattern(x, offset);
  return from_bits(x, bits(x) + (whole << fraction_bits(x)));
}

/// e^x / 2 for x up to ln 2 beyond the largest exponent.
Value half_exponential(Value x) {
  const Split s = split(x);
  return scaled(small_expm1(s.rest) + 1, s.sum, -1);
}

/// e^x - 1 for x not below the point where it is -1. 2 (h (e^rest - 1) + h - 1/2) with h = 2^(whole - 1).
Value expm1_of_bounded(Value x) {
  const Split s = split(x);
  const Value half = scaled(like(x, 0.5), s.sum);
  const Value y = half * small_expm1(s.rest) + (half - 0.5);
  return y + y;
}

/// y for x <= limit, infinity above; not a number stays.
Value finite_up_to(double limit, Value x, Value y) { return select(x <= limit, y, x + infinity); }

}  // namespace

Value power_of_two(Value rest, Value whole) { return scaled(polynomial(rest, two_single, two_double), whole + rounder(rest)); }

Value exp(std::span<const Value> x) {
  const Split s = split(x[0]);
  const Value y = finite_up_to(largest_exponent(x[0]), x[0], scaled(small_expm1(s.rest) + 1, s.sum));
  return select(x[0] < smallest_exponent(x[0]), 0, y);
}

Value exp2(std::span<const Value> x) {
  const Value sum = x[0] + rounder(x[0]);
  const Value rest = x[0] - (sum - rounder(x[0]));
  const Value y = scaled(polynomial(rest, two_single, two_double), sum);
  const Value bounded = select(x[0] < pick(x[0], 128, 1024), y, x[0] + infinity);
  return select(x[0] < pick(x[0], -126, -1022), 0, bounded);
}

Value expm1(std::span<const Value> x) {
  const Value y = expm1_of_bounded(max(x[0], like(x[0], pick(x[0], -20, -45))));
  const Value bounded = finite_up_to(largest_exponent(x[0]), x[0], y);
  return select(abs(x[0]) < pick(x[0], 0x1p-30, 0x1p-60), x[0], bounded);  // keeps the sign of -0
}

Value sinh(std::span<const Value> x) {
  const Value magnitude = abs(x[0]);
  const Value small = magnitude * polynomial(magnitude * magnitude, sinh_single, sinh_double);
  const Value half = half_exponential(magnitude);
  const Value large = finite_up_to(pick(x[0], 89.41598, 710.4758600739439), magnitude, half - 0.25 / half);
  return with_sign_of(x[0], select(magnitude < 1, small, large));
}

Value cosh(std::span<const Value> x) {
  const Value magnitude = abs(x[0]);
  const Value half = half_exponential(magnitude);
  return finite_up_to(pick(x[0], 89.41598, 710.4758600739439), magnitude, half + 0.25 / half);
}

Value tanh(std::span<const Value> x) {
  // (e^2x - 1) / (e^2x + 1); from the bound on, the result rounds to 1.
  const Value bounded = min(abs(x[0]), like(x[0], pick(x[0], 10, 20)));
  const Value y = expm1_of_bounded(bounded + bounded);
  return with_sign_of(x[0], y / (y + 2));
}

}  // namespace dgen::ops::expand

#include "ops/expand_logarithm.h"

#include <cmath>
#include <numbers>

#include "ops/expand_exponential.h"
#include "ops/polynomial.h"

namespace dgen::ops::expand {

namespace {

using std::numbers::log10e;
using std::numbers::log2e;

// Multiples of an exponent by the first part are exact.
constexpr double log10_2_single = 0x1.344p-2, log10_2_single_rest = 0x1.3509f8p-18;
constexpr double log10_2_double = 0x1.34413509f8p-2, log10_2_double_rest = -0x1.80433b83b532ap-44;
constexpr double two_over_ln2 = 0x1.71547652b82fep+1;
constexpr double two_over_ln2_high = 0x1.7154768p+1, two_over_ln2_low = -0x1.6a3e80f444178p-26;

// Minimax polynomials found by Remez exchange; sqrt(1/2) <= 1 + f <= sqrt(2), s = f / (2 + f), z = s^2.
// log(1 + f) = f - f^2 / 2 + f^3 P(f), relative error 2^-27.
constexpr std::array logarithm_single{0.3333333135, -0.2500081956, 0.2000122666, -0.1662335694,
                                      0.1420175582, -0.1316018552, 0.1276159585, -0.07634510845};
// log(1 + f) = 2 s + s z P(z), relative error 2^-66.
constexpr std::array logarithm_double{0.66666666666666663,  0.40000000000006225,  0.285714285690927217, 0.222222226458289346,
                                      0.181817757387272849, 0.153870877149461488, 0.132501836332622136, 0.132507581978571237};
// log2(1 + f) = s P(z), relative error 2^-37: what pow needs in f32.
constexpr std::array binary_logarithm{2.88539008177792681, 0.961796679237853872, 0.577082842963143635, 0.411706869337607211,
                                      0.340209137704551145};

/// x = 2^exponent * (1 + rest), sqrt(1/2) <= 1 + rest < sqrt(2), for normal positive x. `whole` is the exponent.
struct Parts {
  Value whole, exponent, rest;
};

Parts parts(Value x) {
  const Value base = bit_pattern(x, is_double(x) ? std::int64_t{0x3fe6a09e667f3bcd} : std::int64_t{0x3f3504f3});
  const std::int64_t fraction = (std::int64_t{1} << fraction_bits(x)) - 1;
  const Value above = bits(x) - base;
  const Value whole = bitcast(signed_of(x), above) >> fraction_bits(x);
  const Value rest = from_bits(x, (above & bit_pattern(x, fraction)) + base) - 1;
  if (!is_double(x)) return {whole, convert(Scalar::f32, whole), rest};
  // No 64-bit conversion on most machines: the whole number goes into the low bits of a large float.
  const Value sum = from_bits(x, bitcast(Scalar::u64, whole) + bits(like(x, rounder(x))));
  return {whole, sum - rounder(x), rest};
}

/// log(1 + f) - f for the rest f of `parts`.
Value tail(Value f) {
  const Value half_square = f * f * 0.5;
  if (!is_double(f)) return f * f * f * polynomial(f, logarithm_single) - half_square;
  const Value s = f / (f + 2);
  const Value z = s * s;
  return s * (half_square + z * polynomial(z, logarithm_double)) - half_square;
}

/// y where x is positive and finite; infinities at the ends, not a number where x is none or negative.
Value on_positive(Value x, Value y) {
  const Value upper = select(x < infinity, y, x);
  const Value lower = select(x > -tiny(x), like(x, -infinity), not_a_number);
  return select(x < tiny(x), lower, upper);
}

/// log(1 + f) + exponent ln 2.
Value natural(Value f, Value exponent) {
  const Value low = tail(f) + exponent * pick(f, ln2_single_rest, ln2_double_rest);
  return (f + low) + exponent * pick(f, ln2_single, ln2_double);
}

/// The value without the lower half of its fraction bits.
Value upper_half(Value x) { return from_bits(x, bits(x) & bit_pattern(x, ~((std::int64_t{1} << 27) - 1))); }

/// 2^power as f32 or f64, the power given in f64 as the sum of two, the first by far the larger.
Value power_of_sum(Value like_result, Value power, Value small) {
  const Value whole = (power + rounder(power)) - rounder(power);
  const Scalar type = like_result.type().scalar;
  const Value y = power_of_two(convert(type, (power - whole) + small), convert(type, whole));
  const double largest = pick(like_result, 128, 1024);
  const Value over = (power - largest) + small, under = (power + (largest - 2)) + small;
  return select(under < 0, 0, select(over < 0, y, convert(type, over + infinity)));
}

/// Stands for the logarithm of 0 and of infinity: finite, so that 0 times it is 0, and beyond every range times any
/// other exponent.
constexpr double beyond = 1e200;

/// log2 of `base` >= 0 where it is an exception, else `usual`.
Value exceptions(Value base, Value usual) {
  const Value precise = convert(Scalar::f64, base);
  const Value finite = select(base < infinity, usual, select(precise == precise, like(usual, beyond), precise));
  return select(base < tiny(base), like(finite, -beyond), finite);
}

/// base^exponent for f32, base not negative: in double, rounded once.
Value single_power(Value base, Value exponent) {
  const Parts p = parts(base);
  const Value f = convert(Scalar::f64, p.rest);
  const Value s = f / (f + 2);
  const Value logarithm = exceptions(base, convert(Scalar::f64, p.exponent) + s * polynomial(s * s, binary_logarithm));
  const Value finite = max(min(exponent, like(exponent, 0x1p70)), like(exponent, -0x1p70));
  return power_of_sum(base, convert(Scalar::f64, finite) * logarithm, like(f, 0));
}

/// base^exponent for f64, base not negative: the logarithm in two doubles whose products are exact (Dekker 1971).
Value double_power(Value base, Value exponent) {
  const Parts p = parts(base);
  const Value f = p.rest, inverse = 1.0 / (f + 2);
  const Value s = upper_half(f * inverse);
  const Value under = upper_half(f + 2);
  const Value s_rest = ((f - s * under) - s * ((2.0 - under) + f)) * inverse;
  const Value full = s + s_rest, z = full * full;
  const Value cubic = full * z * polynomial(z, logarithm_double) * log2e + s_rest * two_over_ln2;
  const Value main = s * two_over_ln2_high, minor = s * two_over_ln2_low + cubic;
  const Value high = upper_half(exceptions(base, p.exponent + (main + minor)));
  const Value ordinary = (base >= tiny(base)) & (base < infinity);
  const Value low = select(ordinary, ((p.exponent - high) + main) + minor, 0);
  const Value grown = select(ordinary, exponent, exponent * 0x1p1000);
  const Value bounded = max(min(grown, like(grown, 0x1p70)), like(grown, -0x1p70));
  const Value upper = upper_half(bounded);
  return power_of_sum(base, upper * high, (bounded - upper) * high + bounded * low);
}

}  // namespace

Value log(std::span<const Value> x) {
  const Parts p = parts(x[0]);
  return on_positive(x[0], natural(p.rest, p.exponent));
}

Value log2(std::span<const Value> x) {
  const Parts p = parts(x[0]);
  return on_positive(x[0], (p.rest + tail(p.rest)) * log2e + p.exponent);
}

Value log10(std::span<const Value> x) {
  const Parts p = parts(x[0]);
  const Value low = (p.rest + tail(p.rest)) * log10e + p.exponent * pick(x[0], log10_2_single_rest, log10_2_double_rest);
  return on_positive(x[0], low + p.exponent * pick(x[0], log10_2_single, log10_2_double));
}

Value log1p(std::span<const Value> x) {
  // 1 + x with what rounding lost (Knuth's two-sum), which joins the rest of the reduced sum.
  const Value sum = x[0] + 1;
  const Value rounded = sum - 1;
  const Value lost = (1.0 - (sum - rounded)) + (x[0] - rounded);
  const Parts p = parts(sum);
  const std::int64_t one = is_double(x[0]) ? 1023 : 127;
  const Value scale = from_bits(sum, (bit_pattern(sum, one) - bitcast(unsigned_of(sum), p.whole)) << fraction_bits(sum));
  const Value rest = p.rest + select(sum < 0x1p60, lost * scale, 0);
  return select(x[0] == 0, x[0], on_positive(sum, natural(rest, p.exponent)));
}

Value power_of(double base, Value exponent) {
  // 2^(exponent log2(base)), both factors in two parts: 12 bits times 12 are exact, and so is what the whole number leaves of
  // them.
  const double logarithm = std::log2(base);
  const int scale = std::ilogb(logarithm);
  const double upper = std::ldexp(std::trunc(std::ldexp(logarithm, 11 - scale)), scale - 11);
  const double most = 300 / std::fabs(logarithm);  // beyond every range
  const Value x = max(min(exponent, like(exponent, most)), like(exponent, -most));
  const Value high = from_bits(x, bits(x) & bit_pattern(x, ~std::int64_t{0xfff})), low = x - high;
  const Value whole = (x * logarithm + rounder(x)) - rounder(x);
  const Value rest = (high * upper - whole) + (high * (logarithm - upper) + low * logarithm);
  const Value power = whole + rest;
  return select(power < -126.0, 0, select(power < 128.0, power_of_two(rest, whole), power + infinity));
}

Value pow(std::span<const Value> x) {
  const Value base = x[0], exponent = x[1];
  const Value magnitude = abs(base);
  const Value size = is_double(base) ? double_power(magnitude, exponent) : single_power(magnitude, exponent);
  const Value half = exponent * 0.5;
  const Value whole = floor(exponent) == exponent;
  const Value odd = whole & (floor(half) != half);
  const Value none = bit_pattern(base, 0);
  Value y = from_bits(size, bits(size) | select(odd, sign_bit(base), none));
  y = select((base < 0) & (base > -infinity) & ~whole, not_a_number, y);
  return select((exponent == 0) | (base == 1), 1, y);
}

}  // namespace dgen::ops::expand

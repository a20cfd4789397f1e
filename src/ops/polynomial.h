#pragma once
// What the expansions of mathematical functions share: polynomials, signs, exponents, for f32 and f64 alike.

#include <array>
#include <cstdint>
#include <limits>

#include "ir/builder.h"

namespace dgen::ops::expand {

using ir::Scalar;
using ir::Value;

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// ln 2 in two parts; the first times a whole number below 2^9 (single) or 2^13 (double) is exact.
inline constexpr double ln2_single = 0x1.62e4p-1, ln2_single_rest = 0x1.7f7d1cp-20;
inline constexpr double ln2_double = 0x1.62e42fefa4p-1, ln2_double_rest = -0x1.8432a1b0e2634p-43;

inline bool is_double(Value x) { return x.type().scalar == Scalar::f64; }

/// A constant that differs between the two precisions.
inline double pick(Value x, double single, double precise) { return is_double(x) ? precise : single; }

/// Smallest magnitude that is not treated as zero.
inline double tiny(Value x) { return pick(x, std::numeric_limits<float>::min(), std::numeric_limits<double>::min()); }

/// c[0] + c[1] x + c[2] x^2 + …, by Horner's rule.
template <std::size_t N>
Value polynomial(Value x, const std::array<double, N>& c) {
  Value sum = ir::like(x, c[N - 1]);
  for (std::size_t k = N - 1; k-- > 0;) sum = sum * x + c[k];
  return sum;
}

/// The polynomial for the precision of x.
template <std::size_t N, std::size_t M>
Value polynomial(Value x, const std::array<double, N>& single, const std::array<double, M>& precise) {
  return is_double(x) ? polynomial(x, precise) : polynomial(x, single);
}

inline Scalar unsigned_of(Value x) { return is_double(x) ? Scalar::u64 : Scalar::u32; }
inline Scalar signed_of(Value x) { return is_double(x) ? Scalar::i64 : Scalar::i32; }

/// Bits of the fraction: the exponent stands above them.
inline int fraction_bits(Value x) { return is_double(x) ? 52 : 23; }

/// The bits of a float as an unsigned integer.
inline Value bits(Value x) { return ir::bitcast(unsigned_of(x), x); }
/// `integer`, unsigned of the width of x, as the float of these bits.
inline Value from_bits(Value x, Value integer) { return ir::bitcast(x.type().scalar, integer); }

/// A constant of the unsigned type of x's width.
inline Value bit_pattern(Value x, std::int64_t pattern) { return x.builder->integer({unsigned_of(x), x.type().wide}, pattern); }

/// The sign bit of x alone.
inline Value sign_bit(Value x) {
  return bits(x) & bit_pattern(x, is_double(x) ? std::numeric_limits<std::int64_t>::min() : std::int64_t{0x80000000});
}

/// `magnitude`, which is not negative, with the sign of x.
inline Value with_sign_of(Value x, Value magnitude) { return from_bits(x, bits(magnitude) | sign_bit(x)); }

/// A number that, added to |y| < 2^21, leaves y rounded to a whole number in the low bits of the sum.
inline double rounder(Value x) { return pick(x, 0x1.8p23, 0x1.8p52); }

}  // namespace dgen::ops::expand

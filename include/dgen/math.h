#pragma once
// Pointwise mathematics. One line per op here, one record per op in src/ops/math.cpp and src/ops/transcendental.cpp;
// nothing else names them.

#include <numbers>

#include "dgen/declare.h"

// clang-format off
#define DGEN_MATH_OPS(op)                                                                                     \
  op(add) op(sub) op(mul) op(div) op(neg) op(abs) op(sign) op(floor) op(ceil) op(round) op(trunc) op(fract)   \
  op(mod) op(wrap) op(min) op(max) op(clamp)
#define DGEN_TRANSCENDENTAL_OPS(op)                                                                           \
  op(sin) op(cos) op(tan) op(asin) op(acos) op(atan) op(atan2) op(sinh) op(cosh) op(tanh)                     \
  op(exp) op(exp2) op(expm1) op(log) op(log2) op(log10) op(log1p) op(pow) op(sqrt) op(rsqrt)
// clang-format on

namespace dgen {

DGEN_MATH_OPS(DGEN_DECLARE_OP)
DGEN_TRANSCENDENTAL_OPS(DGEN_DECLARE_OP)

inline constexpr double pi = std::numbers::pi;
inline constexpr double two_pi = 2 * std::numbers::pi;

/// Arithmetic on signals; a number on either side becomes a constant.
inline Signal operator+(Operand a, Signal b) { return ops::add(a, b); }
inline Signal operator+(Signal a, double b) { return ops::add(a, b); }
inline Signal operator-(Operand a, Signal b) { return ops::sub(a, b); }
inline Signal operator-(Signal a, double b) { return ops::sub(a, b); }
inline Signal operator*(Operand a, Signal b) { return ops::mul(a, b); }
inline Signal operator*(Signal a, double b) { return ops::mul(a, b); }
inline Signal operator/(Operand a, Signal b) { return ops::div(a, b); }
inline Signal operator/(Signal a, double b) { return ops::div(a, b); }
inline Signal operator-(Operand a) { return ops::neg(a); }

}  // namespace dgen

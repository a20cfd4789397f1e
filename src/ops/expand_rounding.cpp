#include "ops/expand_rounding.h"

#include "ops/polynomial.h"

namespace dgen::ops::expand {

namespace {

/// x - n * divisor without rounding of the product: the divisor of an f64 is taken in two halves.
Value reduced(Value x, Value n, Value divisor, bool halves) {
  if (!halves) return x - n * divisor;
  const Value high = from_bits(divisor, bits(divisor) & bit_pattern(divisor, ~((std::int64_t{1} << 27) - 1)));
  return (x - n * high) - n * (divisor - high);
}

/// The next float below x.
Value below(Value x) {
  const Value one = bit_pattern(x, 1);
  const Value next = from_bits(x, select(x > 0, bits(x) - one, bits(x) + one));
  return select(x == 0, -tiny(x), next);
}

}  // namespace

Value round(std::span<const Value> x) {
  const Value magnitude = abs(x[0]);
  const Value whole = floor(magnitude);
  const Value nearest = select(magnitude - whole >= 0.5, whole + 1, whole);
  return with_sign_of(x[0], nearest);
}

Value trunc(std::span<const Value> x) { return with_sign_of(x[0], floor(abs(x[0]))); }

Value mod(std::span<const Value> x) {
  const bool halves = is_double(x[0]);
  const double step = halves ? 0x1p24 : 0x1p28;  // quotient bits taken at once: n * divisor stays exact
  const Value a = convert(Scalar::f64, abs(x[0]));
  const Value b = convert(Scalar::f64, abs(x[1]));
  const Value inverse = 1.0 / b;
  const Value quotient = a * inverse;
  const Value coarse = reduced(a, floor(quotient * (1 / step)) * step, b, halves);
  Value rest = reduced(coarse, floor(coarse * inverse), b, halves);
  rest = select(rest < 0, rest + b, rest);
  rest = select(rest >= b, rest - b, rest);
  rest = select(quotient < step * step, rest, quotient * 0.0);  // infinite or not a number: not a number
  rest = select(a < b, a, rest);
  return with_sign_of(x[0], convert(x[0].type().scalar, rest));
}

Value wrap(std::span<const Value> x) {
  const bool halves = is_double(x[0]);
  const Value low = min(x[1], x[2]), high = max(x[1], x[2]);
  const Value from = convert(Scalar::f64, low), to = convert(Scalar::f64, high), at = convert(Scalar::f64, x[0]);
  const Value period = abs(convert(Scalar::f64, x[2]) - convert(Scalar::f64, x[1]));
  const Value inverse = 1.0 / period;
  Value moved = reduced(at, floor((at - from) * inverse), period, halves);
  moved = select(moved < from, moved + period, select((moved >= to) & (at >= to), moved - period, moved));
  moved = select((at >= from) & (at < to), at, moved);
  Value y = max(convert(x[0].type().scalar, moved), low);
  y = select(y >= high, below(high), y);
  return select(x[1] == x[2], low, y);
}

}  // namespace dgen::ops::expand

#include "render/metal_double.h"

namespace dgen::render {

std::string_view metal_double() {
  return R"(// Doubles in integers. Fractions have their first bit at 55, with three bits behind the last one of a double: the next
// two, and whether there are more.
struct Double {
  ulong bits;
  Double() = default;
  Double(float x);
  Double(int x);
  Double(uint x);
  Double(long x);
  Double(ulong x);
  explicit operator float() const;
  explicit operator int() const;
  explicit operator uint() const;
  explicit operator long() const;
  explicit operator ulong() const;
};
#define DOUBLE_SIGN 0x8000000000000000ul
#define DOUBLE_INFINITY 0x7ff0000000000000ul
#define DOUBLE_FRACTION 0x000ffffffffffffful
static inline Double as_Double(ulong x) { Double y; y.bits = x; return y; }
static inline ulong as_ulong(Double x) { return x.bits; }
static inline long as_long(Double x) { return (long)x.bits; }
static inline ulong double_magnitude(Double x) {
  const ulong m = x.bits & ~DOUBLE_SIGN;
  return m >> 52 ? m : 0;
}
static inline int double_exponent(ulong magnitude) { return (int)(magnitude >> 52); }
static inline ulong double_fraction(ulong magnitude) { return (magnitude & DOUBLE_FRACTION) | (DOUBLE_FRACTION + 1); }
static inline bool is_no_double(Double x) { return double_magnitude(x) > DOUBLE_INFINITY; }
static inline int leading_zeros(ulong x) { return x >> 32 ? (int)clz((uint)(x >> 32)) : 32 + (int)clz((uint)x); }
static inline ulong shifted_down(ulong x, int by) {
  if (by == 0) return x;
  return by < 64 ? x >> by | (ulong)(x << (64 - by) != 0) : (ulong)(x != 0);
}
// Rounds to nearest, ties to even.
static inline Double packed_double(ulong sign, int exponent, ulong fraction) {
  const ulong rest = fraction & 7, kept = fraction >> 3;
  const ulong rounded = kept + (ulong)(rest > 4 || (rest == 4 && (kept & 1)));
  const int carried = exponent + (int)(rounded >> 53);
  if (carried <= 0) return as_Double(sign);
  if (carried >= 2047) return as_Double(sign | DOUBLE_INFINITY);
  return as_Double(sign | (((ulong)(exponent - 1) << 52) + rounded));
}
static inline Double no_double() { return as_Double(0x7ff8000000000000ul); }
static inline Double double_of(ulong x, ulong sign) {
  if (x == 0) return as_Double(sign);
  const int zeros = leading_zeros(x);
  return packed_double(sign, 1086 - zeros, shifted_down(x << zeros, 8));
}
inline Double::Double(float x) {
  const uint b = as_uint(x), m = b & 0x7fffffffu;
  const ulong sign = (ulong)(b >> 31) << 63;
  if (m >> 23 == 0)
    bits = sign;
  else if (m >> 23 == 255)
    bits = sign | DOUBLE_INFINITY | (ulong)(m & 0x7fffffu) << 29;
  else
    bits = sign | (((ulong)m << 29) + ((ulong)896 << 52));
}
inline Double::Double(ulong x) { bits = double_of(x, 0).bits; }
inline Double::Double(long x) { bits = (x < 0 ? double_of(0 - (ulong)x, DOUBLE_SIGN) : double_of((ulong)x, 0)).bits; }
inline Double::Double(int x) { bits = Double((long)x).bits; }
inline Double::Double(uint x) { bits = double_of((ulong)x, 0).bits; }
inline Double::operator float() const {
  const ulong m = double_magnitude(*this);
  const uint sign = (uint)(bits >> 63) << 31;
  if (m > DOUBLE_INFINITY) return as_float(sign | 0x7fc00000u);
  const int exponent = double_exponent(m) - 896;
  if (exponent < 0) return as_float(sign);
  if (exponent >= 255) return as_float(sign | 0x7f800000u);
  const ulong f = double_fraction(m), kept = f >> 29, rest = f & 0x1ffffffful;
  const ulong rounded = kept + (ulong)(rest > 0x10000000ul || (rest == 0x10000000ul && (kept & 1)));
  const long made = ((long)(exponent - 1) << 23) + (long)rounded;
  if (made < 0x800000) return as_float(sign);
  return as_float(sign | (made > 0x7f800000 ? 0x7f800000u : (uint)made));
}
// Toward zero; the number must be in range.
inline Double::operator ulong() const {
  const ulong m = double_magnitude(*this), f = double_fraction(m);
  const int exponent = double_exponent(m) - 1023;
  if (exponent < 0) return 0;
  const ulong whole = exponent >= 52 ? f << ((exponent - 52) & 63) : f >> (52 - exponent);
  return bits >> 63 ? 0 - whole : whole;
}
inline Double::operator long() const { return (long)(ulong)*this; }
inline Double::operator int() const { return (int)(long)(ulong)*this; }
inline Double::operator uint() const { return (uint)(ulong)*this; }
static inline Double operator-(Double x) { return as_Double(x.bits ^ DOUBLE_SIGN); }
static inline Double operator+(Double a, Double b) {
  if (double_magnitude(a) < double_magnitude(b)) {
    const Double larger = b;
    b = a;
    a = larger;
  }
  const ulong sign = a.bits & DOUBLE_SIGN, m = double_magnitude(a), n = double_magnitude(b);
  const bool differ = (a.bits ^ b.bits) >> 63;
  if (m >= DOUBLE_INFINITY) return m > DOUBLE_INFINITY || (n == DOUBLE_INFINITY && differ) ? no_double() : a;
  if (m == 0) return as_Double(differ ? 0 : sign);
  if (n == 0) return a;
  int exponent = double_exponent(m);
  const ulong f = double_fraction(m) << 3, g = shifted_down(double_fraction(n) << 3, exponent - double_exponent(n));
  if (!differ) {
    const ulong sum = f + g;
    return sum >> 56 ? packed_double(sign, exponent + 1, shifted_down(sum, 1)) : packed_double(sign, exponent, sum);
  }
  if (f == g) return as_Double(0);
  const int up = leading_zeros(f - g) - 8;
  return packed_double(sign, exponent - up, (f - g) << up);
}
static inline Double operator-(Double a, Double b) { return a + -b; }
static inline Double operator*(Double a, Double b) {
  const ulong sign = (a.bits ^ b.bits) & DOUBLE_SIGN, m = double_magnitude(a), n = double_magnitude(b);
  if (m > DOUBLE_INFINITY || n > DOUBLE_INFINITY) return no_double();
  if (m == DOUBLE_INFINITY || n == DOUBLE_INFINITY) return m == 0 || n == 0 ? no_double() : as_Double(sign | DOUBLE_INFINITY);
  if (m == 0 || n == 0) return as_Double(sign);
  const ulong f = double_fraction(m) << 11, g = double_fraction(n) << 11;
  const ulong fl = f & 0xfffffffful, fh = f >> 32, gl = g & 0xfffffffful, gh = g >> 32;
  const ulong low = fl * gl, middle = fh * gl + (low >> 32), other = fl * gh + (middle & 0xfffffffful);
  const ulong high = fh * gh + (middle >> 32) + (other >> 32), more = (ulong)(f * g != 0);
  const int up = (int)(high >> 63);
  return packed_double(sign, double_exponent(m) + double_exponent(n) - 1023 + up, shifted_down(high, 7 + up) | more);
}
static inline Double operator/(Double a, Double b) {
  const ulong sign = (a.bits ^ b.bits) & DOUBLE_SIGN, m = double_magnitude(a), n = double_magnitude(b);
  if (m > DOUBLE_INFINITY || n > DOUBLE_INFINITY || (m == n && (m == 0 || m == DOUBLE_INFINITY))) return no_double();
  if (m == DOUBLE_INFINITY || n == 0) return as_Double(sign | DOUBLE_INFINITY);
  if (m == 0 || n == DOUBLE_INFINITY) return as_Double(sign);
  const ulong g = double_fraction(n);
  ulong rest = double_fraction(m), quotient = 0;
  const int down = rest < g;
  rest <<= down;
  for (int k = 0; k < 56; ++k) {
    const bool fits = rest >= g;
    quotient = quotient << 1 | (ulong)fits;
    rest = (fits ? rest - g : rest) << 1;
  }
  return packed_double(sign, double_exponent(m) - double_exponent(n) + 1023 - down, quotient | (ulong)(rest != 0));
}
static inline Double sqrt(Double x) {
  const ulong m = double_magnitude(x);
  if (m == 0) return as_Double(x.bits & DOUBLE_SIGN);
  if (m > DOUBLE_INFINITY || x.bits >> 63) return no_double();
  if (m == DOUBLE_INFINITY) return x;
  const int exponent = double_exponent(m) - 1023;
  ulong left = double_fraction(m) << (10 + (exponent & 1)), rest = 0, root = 0;
  for (int k = 0; k < 56; ++k) {
    rest = rest << 2 | left >> 62;
    left <<= 2;
    const ulong trial = root << 2 | 1;
    const bool fits = rest >= trial;
    rest = fits ? rest - trial : rest;
    root = root << 1 | (ulong)fits;
  }
  return packed_double(0, (exponent - (exponent & 1)) / 2 + 1023, root | (ulong)(rest != 0));
}
static inline Double floor(Double x) {
  const ulong m = double_magnitude(x), sign = x.bits & DOUBLE_SIGN;
  const int exponent = double_exponent(m) - 1023;
  if (exponent >= 52) return x;
  if (exponent < 0) return as_Double(m && sign ? 0xbff0000000000000ul : sign);
  const ulong below = DOUBLE_FRACTION >> exponent;
  return as_Double((sign ? x.bits + below : x.bits) & ~below);
}
static inline Double fabs(Double x) { return as_Double(x.bits & ~DOUBLE_SIGN); }
static inline long double_order(Double x) { return x.bits >> 63 ? -(long)double_magnitude(x) : (long)double_magnitude(x); }
static inline bool are_doubles(Double a, Double b) { return !is_no_double(a) && !is_no_double(b); }
static inline bool operator<(Double a, Double b) { return are_doubles(a, b) && double_order(a) < double_order(b); }
static inline bool operator<=(Double a, Double b) { return are_doubles(a, b) && double_order(a) <= double_order(b); }
static inline bool operator==(Double a, Double b) { return are_doubles(a, b) && double_order(a) == double_order(b); }
static inline bool operator!=(Double a, Double b) { return !(a == b); }
)";
}

}  // namespace dgen::render

#include "ir/element.h"

#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "dgen/error.h"

namespace dgen::ir {

namespace {

template <typename T>
T from_bits(std::uint64_t bits) {
  if constexpr (sizeof(T) == 8) {
    return std::bit_cast<T>(bits);
  } else {
    return std::bit_cast<T>(static_cast<std::uint32_t>(bits));
  }
}

template <typename T>
std::uint64_t to_bits(T value) {
  if constexpr (sizeof(T) == 8) {
    return std::bit_cast<std::uint64_t>(value);
  } else {
    return std::bit_cast<std::uint32_t>(value);
  }
}

template <typename T>
T flushed(T x, bool flush) {
  return flush && std::fabs(x) < std::numeric_limits<T>::min() ? std::copysign(T{0}, x) : x;
}

[[noreturn]] void no_meaning(const Instr& instr) {
  throw InternalError(std::string("internal error: the loop IR gives ") + to_string(instr.code) + " no meaning on " +
                      to_string(instr.type.scalar));
}

/// What comparing gives: all ones or zeros, of the width of the mask.
std::uint64_t mask(Scalar scalar, bool set) {
  if (!set) return 0;
  return bytes(scalar) == 8 ? ~std::uint64_t{0} : std::uint64_t{0xffffffff};
}

template <typename T>
bool compared(const Instr& instr, T a, T b) {
  if (instr.code == Code::lt) return a < b;
  if (instr.code == Code::le) return a <= b;
  return instr.code == Code::eq ? a == b : a != b;
}

/// The volatile store keeps the compiler from fusing or widening across operations.
template <typename T>
T rounded(T value) {
  volatile T stored = value;
  return stored;
}

template <typename T>
std::uint64_t float_element(const Instr& instr, T a, T b, bool flush) {
  const T x = flushed(a, flush), y = flushed(b, flush);
  const auto result = [&](T value) { return to_bits(flushed(rounded(value), flush)); };
  switch (instr.code) {
    case Code::add: return result(x + y);
    case Code::sub: return result(x - y);
    case Code::mul: return result(x * y);
    case Code::div: return result(x / y);
    case Code::sqrt: return result(std::sqrt(x));
    case Code::floor: return result(std::floor(x));
    case Code::rounded: return to_bits(a);
    case Code::neg: return to_bits(-a);
    case Code::abs: return to_bits(std::fabs(a));
    case Code::min: return to_bits(y < x ? b : a);
    case Code::max: return to_bits(x < y ? b : a);
    case Code::lt:
    case Code::le:
    case Code::eq:
    case Code::ne: return mask(instr.type.scalar, compared(instr, x, y));
    default: no_meaning(instr);
  }
}

/// T is signed or unsigned; sums wrap around.
template <typename T>
std::uint64_t integer_element(const Instr& instr, T a, T b) {
  using U = std::make_unsigned_t<T>;
  const U x = static_cast<U>(a), y = static_cast<U>(b);
  const auto result = [](U value) { return to_bits(value); };
  switch (instr.code) {
    case Code::add: return result(static_cast<U>(x + y));
    case Code::sub: return result(static_cast<U>(x - y));
    case Code::mul: return result(static_cast<U>(x * y));
    case Code::neg: return result(static_cast<U>(U{0} - x));
    case Code::bit_and: return result(x & y);
    case Code::bit_or: return result(x | y);
    case Code::bit_xor: return result(x ^ y);
    case Code::bit_not: return result(static_cast<U>(~x));
    case Code::shl: return result(static_cast<U>(x << instr.integer));
    case Code::shr: return to_bits(static_cast<T>(a >> instr.integer));
    case Code::lt:
    case Code::le:
    case Code::eq:
    case Code::ne: return mask(instr.type.scalar, compared(instr, a, b));
    default: no_meaning(instr);
  }
}

/// Truncates toward zero. The number must fit.
template <typename T, typename F>
T truncated(F x) {
  const F whole = std::trunc(x);
  // the lowest value is a power of two, exact in F; the largest is one less than its negative
  const F lowest = static_cast<F>(std::numeric_limits<T>::min());
  const F bound = std::is_signed_v<T> ? -lowest : std::ldexp(F{1}, std::numeric_limits<T>::digits);
  check(whole >= lowest && whole < bound, "a float that is converted to an integer is in its range");
  return static_cast<T>(whole);
}

template <typename F>
std::uint64_t converted(const Instr& instr, F x, bool flush) {
  switch (instr.type.scalar) {
    case Scalar::f32: return to_bits(flushed(rounded(static_cast<float>(x)), flush));
    case Scalar::f64: return to_bits(flushed(rounded(static_cast<double>(x)), flush));
    case Scalar::i32:
    case Scalar::i64:
    case Scalar::u32:
    case Scalar::u64: break;
    case Scalar::m32:
    case Scalar::m64: no_meaning(instr);
  }
  if constexpr (std::is_floating_point_v<F>) {
    switch (instr.type.scalar) {
      case Scalar::i32: return to_bits(truncated<std::int32_t>(x));
      case Scalar::i64: return to_bits(truncated<std::int64_t>(x));
      case Scalar::u32: return to_bits(truncated<std::uint32_t>(x));
      default: return to_bits(truncated<std::uint64_t>(x));
    }
  } else {
    const auto wrapped = static_cast<std::uint64_t>(x);
    return bytes(instr.type.scalar) == 8 ? wrapped : static_cast<std::uint32_t>(wrapped);
  }
}

std::uint64_t convert_element(const Instr& instr, Scalar from, std::uint64_t a, bool flush) {
  switch (from) {
    case Scalar::f32: return converted(instr, flushed(from_bits<float>(a), flush), flush);
    case Scalar::f64: return converted(instr, flushed(from_bits<double>(a), flush), flush);
    case Scalar::i32: return converted(instr, from_bits<std::int32_t>(a), flush);
    case Scalar::u32: return converted(instr, from_bits<std::uint32_t>(a), flush);
    case Scalar::i64: return converted(instr, from_bits<std::int64_t>(a), flush);
    case Scalar::u64: return converted(instr, a, flush);
    case Scalar::m32:
    case Scalar::m64: return mask(instr.type.scalar, a != 0);
  }
  no_meaning(instr);
}

}  // namespace

std::uint64_t bits_of(Scalar scalar, double number, std::int64_t integer) {
  switch (scalar) {
    case Scalar::f32: return to_bits(static_cast<float>(number));
    case Scalar::f64: return to_bits(number);
    case Scalar::m32:
    case Scalar::m64: return mask(scalar, integer != 0);
    case Scalar::i32:
    case Scalar::u32: return static_cast<std::uint32_t>(integer);
    case Scalar::i64:
    case Scalar::u64: return static_cast<std::uint64_t>(integer);
  }
  return 0;
}

double as_number(Scalar scalar, std::uint64_t bits) {
  switch (scalar) {
    case Scalar::f32: return from_bits<float>(bits);
    case Scalar::f64: return from_bits<double>(bits);
    case Scalar::i32:
    case Scalar::m32: return from_bits<std::int32_t>(bits);
    case Scalar::i64:
    case Scalar::m64: return static_cast<double>(from_bits<std::int64_t>(bits));
    case Scalar::u32:
    case Scalar::u64: return static_cast<double>(bits);
  }
  return 0;
}

std::uint64_t as_bits(Scalar scalar, double number) {
  if (scalar == Scalar::f32 || scalar == Scalar::f64) return bits_of(scalar, number, 0);
  if (scalar == Scalar::u64) return truncated<std::uint64_t>(number);
  return bits_of(scalar, 0, truncated<std::int64_t>(number));
}

std::uint64_t element_of(const Instr& instr, Scalar from, std::uint64_t a, std::uint64_t b, std::uint64_t c, bool flush) {
  if (instr.code == Code::select) return a != 0 ? b : c;
  if (instr.code == Code::bitcast) return a;
  if (instr.code == Code::convert) return convert_element(instr, from, a, flush);
  switch (from) {
    case Scalar::f32: return float_element(instr, from_bits<float>(a), from_bits<float>(b), flush);
    case Scalar::f64: return float_element(instr, from_bits<double>(a), from_bits<double>(b), flush);
    case Scalar::i32: return integer_element(instr, from_bits<std::int32_t>(a), from_bits<std::int32_t>(b));
    case Scalar::i64: return integer_element(instr, from_bits<std::int64_t>(a), from_bits<std::int64_t>(b));
    case Scalar::u32:
    case Scalar::m32: return integer_element(instr, from_bits<std::uint32_t>(a), from_bits<std::uint32_t>(b));
    case Scalar::u64:
    case Scalar::m64: return integer_element(instr, a, b);
  }
  no_meaning(instr);
}

}  // namespace dgen::ir

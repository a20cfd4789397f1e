#include "lower/divided.h"

#include <bit>

#include "lower/access.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

Value divided(ir::Builder& b, Value x, std::int64_t by) {
  if (by == 1) return x;
  const auto divisor = static_cast<std::uint64_t>(by);
  const auto bits = static_cast<int>(std::bit_width(divisor - 1));  // 2^bits >= by
  if (std::has_single_bit(divisor)) return x >> bits;
  const std::uint64_t reciprocal = ((std::uint64_t{1} << (31 + bits)) + divisor - 1) / divisor;
  const Value wide = convert(Scalar::u64, convert(Scalar::i64, x));
  const Value product = wide * b.integer({Scalar::u64, false}, static_cast<std::int64_t>(reciprocal));
  return convert(Scalar::i32, product >> (31 + bits));
}

Value remainder(ir::Builder& b, Value x, std::int64_t by) {
  const auto divisor = static_cast<std::uint64_t>(by);
  if (std::has_single_bit(divisor)) return x & whole(b, by - 1);
  return x - divided(b, x, by) * whole(b, by);
}

}  // namespace dgen::lower

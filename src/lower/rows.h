#pragma once
// How values with several elements lie in memory: a row for each tick.

#include "dgen/type.h"
#include "ir/ir.h"

namespace dgen::lower {

/// Rounded up to whole vectors of any width.
constexpr std::int64_t padded(std::int64_t elements) { return (elements + ir::padding - 1) / ir::padding * ir::padding; }

/// Elements from the beginning of a row to that of the next: room for whole vectors behind the last element.
constexpr std::int64_t row_stride(const Shape& shape, std::int64_t elements) {
  if (elements == 1) return 1;
  return padded(elements) + (shape.rank > 1 ? ir::padding : 0);
}
inline std::int64_t row_stride(const Shape& shape) { return row_stride(shape, shape.elements()); }

/// Ticks that a sub-block may have.
constexpr std::int64_t most_ticks(int sub_block, std::int32_t hop) { return (sub_block + hop - 1) / hop + (hop == 1 ? 0 : 1); }

/// Elements in front of the sums of overlapping frames, so that a vector may reach back from the first.
inline constexpr int sums_margin = ir::padding;

}  // namespace dgen::lower

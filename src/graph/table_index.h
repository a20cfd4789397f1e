#pragma once
// Which element a number means.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "dgen/op.h"

namespace dgen {

/// floor(x) in [low, high]; not a number counts as 0.
inline std::int64_t whole(double x, std::int64_t low, std::int64_t high) {
  const double position = std::isnan(x) ? 0 : std::floor(x);
  return static_cast<std::int64_t>(std::clamp(position, static_cast<double>(low), static_cast<double>(high)));
}

/// Which element of a table of `size` elements floor(x) means; -1: none.
inline std::int64_t table_index(double x, std::int64_t size, Bound bound) {
  const double position = std::isnan(x) ? 0 : std::floor(x), length = static_cast<double>(size);
  if (size == 0) return -1;
  switch (bound) {
    case Bound::clip: return whole(x, 0, size - 1);
    case Bound::wrap: {
      if (std::isinf(position)) return 0;
      const double remainder = std::fmod(position, length);
      return static_cast<std::int64_t>(remainder < 0 ? remainder + length : remainder);
    }
    case Bound::zero: return !std::isnan(x) && position >= 0 && position < length ? static_cast<std::int64_t>(position) : -1;
  }
  return -1;
}

}  // namespace dgen

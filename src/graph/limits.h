#pragma once
// Limits that hold for every value, whatever makes it.

#include <cstdint>

namespace dgen {

/// Elements of a value, frames of a delay: what holds more is a slip rather than a sound.
inline constexpr std::int64_t most_elements = std::int64_t{1} << 28;

}  // namespace dgen

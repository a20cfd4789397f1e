#pragma once
// Broadcasting that repeats runs of neighbours: no element needs to be looked up.

#include <cstdint>
#include <optional>

#include "dgen/type.h"

namespace dgen::lower {

/// Element (lead, time, inner) of the larger value is element (lead, inner) of the smaller one.
struct Runs {
  std::int64_t lead = 1, times = 1, inner = 1;
};

/// None where axes along which the smaller value is repeated do not lie together.
std::optional<Runs> runs_of(const Shape& smaller, const Shape& larger);

}  // namespace dgen::lower

#pragma once
// How long a loop that runs frame by frame takes at least.

#include "dgen/graph.h"

namespace dgen::passes {

inline constexpr double loop_latency_of_one = 4;  ///< cycles of an addition, product or both; other ops by their cost

/// Cycles from the states to those of the next frame, along the longest way.
double loop_latency(const Recurrence& recurrence);

}  // namespace dgen::passes

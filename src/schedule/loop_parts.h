#pragma once
// Into how many equal parts that never meet a loop over values with shapes falls: batches, voices.

#include <cstdint>
#include <vector>

#include "dgen/graph.h"

namespace dgen::schedule {

/// By body node: whether it follows from a state of the loop. What does not is the same for all parts.
std::vector<bool> follows_from_states(const Recurrence& recurrence);

/// Part p of a loop computes, of every node that follows from a state, elements p n / parts … (p + 1) n / parts - 1, and of
/// such nodes sees no other. 1 where elements meet all over, and where the loop has states that are one number.
std::int64_t independent_parts(const Graph& graph, int recur);

}  // namespace dgen::schedule

#pragma once
// What can be scheduled at all.

#include "dgen/graph.h"

namespace dgen::schedule {

/// Throws `Error` bad_type, naming the node, where a value has a shape or clock that compiled code does not take.
void check_supported(const Graph& graph);

}  // namespace dgen::schedule

#pragma once
// Pass: filters in a row become one linear system.

#include "dgen/graph.h"

namespace dgen::passes {

/// Replaces time-invariant scans that feed each other through linear arithmetic, where that takes less time, by one recurrence
/// of at most `cascade_states` states (see `Cascade`). For a graph that `find_scans` made, and back ends that run cascades.
Rewritten fuse_cascades(const Graph& graph);

}  // namespace dgen::passes

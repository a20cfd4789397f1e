#pragma once
// The passes between the front end and the schedule, in their order.

#include "dgen/graph.h"

namespace dgen::passes {

/// close_loops, then fold_constants, merge_equal, remove_dead, each on the graph and on the bodies of its recurs.
Rewritten simplify(const Graph& graph);

}  // namespace dgen::passes

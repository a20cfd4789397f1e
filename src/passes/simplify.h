#pragma once
// The passes between the front end and the schedule, in their order.

#include "dgen/graph.h"

namespace dgen::passes {

/// close_loops, then folding of constants (also into the bodies of recurs), simplify_nodes, merge_equal, remove_dead, on the
/// graph and on the bodies of its recurs. measures: of `close_loops`.
Rewritten simplify(const Graph& graph, bool measures = false);

/// affine_loops on what `simplify` made, and the cleaning up after it: for back ends that run scans.
Rewritten find_scans(const Graph& graph);

/// fuse_cascades on what `find_vectors` made, and the cleaning up: for back ends that run cascades.
Rewritten find_cascades(const Graph& graph);

/// batch_isomorphic on what `find_scans` made, and the cleaning up: for back ends whose lanes may be elements.
Rewritten find_vectors(const Graph& graph);

}  // namespace dgen::passes

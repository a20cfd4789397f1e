#pragma once
// Which nodes a change of some nodes can move.

#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// For each node whether it depends on one of `sources`, within the frame or through time.
std::vector<bool> depends_on(const Graph& graph, std::span<const Signal> sources);

/// For each node whether it lies on a way from one of `sources` to `target`, both included.
std::vector<bool> nodes_between(const Graph& graph, std::span<const Signal> sources, Signal target);

/// What each node is computed from, in this frame or another: inputs, feedback, and the versions of tables it reads.
std::vector<std::vector<int>> all_edges(const Graph& graph);

}  // namespace dgen::passes

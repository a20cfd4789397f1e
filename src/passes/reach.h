#pragma once
// Which nodes a change of some nodes can move.

#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// What each node is computed from, in this frame or another: inputs, feedback, and the versions of tables it reads.
std::vector<std::vector<int>> all_edges(const Graph& graph);

/// Whether a change of that input of a node can have a derivative at all: not so of what is piecewise constant, of
/// conditions, of whole frames and whole elements, of what is detached.
bool has_derivative(const Node& node, std::size_t input);

/// Of `all_edges`, those over which a derivative goes.
std::vector<std::vector<int>> derivative_edges(const Graph& graph);

/// For each node whether one of `sources` is on a way over `edges` to it; `edges` go from users to what they use.
std::vector<bool> reached_from(const std::vector<std::vector<int>>& edges, std::span<const Signal> sources);

/// For each node whether it lies on a way over `edges` from one of `sources` to `target`, both included.
std::vector<bool> nodes_between(const std::vector<std::vector<int>>& edges, std::span<const Signal> sources, Signal target);

}  // namespace dgen::passes

#pragma once
// Rebuilds an acyclic graph node by node: what the small passes share.

#include <functional>
#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// Given the new graph, an old node and its inputs in the new graph: the new node that stands for it, or an empty signal
/// to copy it.
using Replace = std::function<Signal(Graph& out, const Node& node, std::span<const int> inputs)>;

/// The graph with every node of `keep` (empty: all) replaced or copied, in order. Outputs are kept.
Rewritten rewrite(const Graph& graph, const std::vector<bool>& keep, const Replace& replace);

/// A pass on the graph of a recurrence or a patch.
using GraphPass = std::function<Rewritten(const Graph& graph, std::span<const int> roots)>;

/// The recurrence with `pass` applied to its body.
std::shared_ptr<const Recurrence> rewrite_body(const Recurrence& recurrence, const GraphPass& pass);

/// Applies `pass` to the bodies of all recurs, then to the graph itself. `roots` of a body: its results and next states.
Rewritten apply_everywhere(const Graph& graph, const GraphPass& pass);

}  // namespace dgen::passes

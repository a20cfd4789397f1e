#pragma once
// Which nodes need which others' values of the same frame, and the loops among them.

#include <vector>

#include "dgen/graph.h"

namespace dgen {

/// For each node the nodes it depends on.
using Edges = std::vector<std::vector<int>>;

/// Same-frame edges: a node to its inputs, a closed handle to its feedback, a read of a line to the line's feedback. No
/// edge from cells, lines and tables to their feedback, because a frame passes there.
Edges same_frame_edges(const Graph& graph);

/// Strongly connected components of all nodes, each after those it depends on, each in ascending order.
std::vector<std::vector<int>> loops(const Edges& edges);

/// The reads that lie in one component of `edges` with what their line remembers, and all reads of a recurrence's rings.
std::vector<bool> reads_in_loops(const Graph& graph, const Edges& edges);

/// Takes the edges from the reads that are true in `reads` to what their line remembers out of `edges`.
void cut(const Graph& graph, const std::vector<bool>& reads, Edges& edges);

}  // namespace dgen

#pragma once
// Which nodes run on rows of elements: what changes on a hop clock, and what has a shape and changes every frame, as if
// each frame were a tick.

#include "dgen/graph.h"

namespace dgen::schedule {

/// Whether a node is computed once a tick, a vector of elements at a time. Not of host inputs, nor of what is still.
bool runs_on_rows(const Graph& graph, int id);

/// The hop of the ticks on which a node of rows runs; 1: every frame.
std::int32_t row_hop(const Graph& graph, int id);

/// Whether a loop keeps values with shapes.
bool is_shaped_loop(const Graph& graph, int recur);

/// Elements of the states of a loop that keeps values with shapes.
std::int64_t loop_elements(const Graph& graph, int recur);

/// Whether a node puts numbers that rest, one behind another, into a row, as `batch_isomorphic` writes them.
bool is_stack(const Graph& graph, int id);

/// Frames between the rows of a value; 0: it is one number a frame.
inline std::int32_t hop_between_rows(const Type& type) {
  return type.clock == Clock::hop ? type.hop : type.shape.rank > 0 ? 1 : 0;
}

}  // namespace dgen::schedule

#pragma once
// Pass: turns every feedback loop into one `recur` node.

#include "dgen/graph.h"

namespace dgen::passes {

/// Returns an acyclic graph without cells, lines, handles and sequences: what loops runs in `recur` nodes, a cell or
/// line outside any loop is a delay_tap. Keeps all params and inputs, and otherwise only what outputs depend on.
/// measures: whether loops may be left to reads of delay lines that are `is_measured`, for back ends that cut sub-blocks by them.
/// Throws `Error` loop_without_delay, bad_feedback.
Rewritten close_loops(const Graph& graph, bool measures = false);

}  // namespace dgen::passes

#pragma once
// What devices run, and what they leave to the other back ends.

#include "dgen/graph.h"
#include "ir/ir.h"

namespace dgen::schedule {

/// Whether a loop over a value with a shape is a row of phases that are known at every frame.
bool is_steady_row(const Graph& graph, int recur);

/// Whether every element of a loop over values with shapes is a loop by itself: all have as many elements as the states, or one
/// that is the same for all.
bool elements_are_apart(const Graph& graph, int recur);

/// Throws `Error` bad_type, naming the node, where a device cannot run a graph.
void check_device_supported(const Graph& graph, ir::Run run);

}  // namespace dgen::schedule

#pragma once
// Where values of different clocks meet.

#include <vector>

#include "dgen/graph.h"

namespace dgen {

/// Holds the inputs of the hop clock that `op` takes with frame signals, or that it takes every frame; puts what slower
/// frames an overlap_add takes on its ticks.
void bring_to_one_clock(Graph& graph, const OpDef& op, std::vector<Signal>& inputs, Attributes& attributes);

}  // namespace dgen

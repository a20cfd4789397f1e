#pragma once
// A graph of its own with the same nodes.

#include <memory>

#include "dgen/graph.h"

namespace dgen {

/// A copy of `graph` that does not depend on its life: nodes in order, feedback, outputs, names and origins.
std::unique_ptr<Graph> clone(const Graph& graph);

}  // namespace dgen

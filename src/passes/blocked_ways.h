#pragma once
// Why no gradient reaches a node: in words, for the author of the patch.

#include <string>

#include "dgen/graph.h"

namespace dgen::passes {

/// Names `x`, and where every way from it to `loss` loses its derivative.
std::string blocked_ways(const Graph& graph, Signal x, Signal loss);

}  // namespace dgen::passes

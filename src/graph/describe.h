#pragma once
// How messages name a node.

#include <string>

#include "dgen/graph.h"

namespace dgen {

/// "biquad/mul (patch.genexpr:3:12)": path or op name, and where the node was made when that is known.
std::string describe(const Graph& graph, int node);

/// "file:line:column" of what is known of it; empty where nothing is.
std::string to_string(const Origin& origin);

}  // namespace dgen

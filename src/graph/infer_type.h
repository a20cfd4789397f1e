#pragma once
// The type a node has because of its op's kind, its attributes and its inputs.

#include "dgen/graph.h"

namespace dgen {

/// Throws `Error` bad_type naming the op and the offending input.
Type infer_type(const Graph& graph, const OpDef& op, std::span<const int> inputs, const Attributes& attributes);

}  // namespace dgen

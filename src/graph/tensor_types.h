#pragma once
// Types of the ops that relate the elements of tensors.

#include <span>

#include "dgen/graph.h"

namespace dgen {

/// The type of a view, matmul, cumulate, extremum, take or scatter_add. Throws `Error` bad_type, naming op, nodes and shapes.
Type tensor_type(const Graph& g, const OpDef& op, std::span<const int> inputs, const Attributes& attributes);

}  // namespace dgen

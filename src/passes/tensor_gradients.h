#pragma once
// Gradient rules of the ops that relate the elements of tensors. They are made of the same ops, so that derivatives of any
// order follow.

#include <vector>

#include "dgen/graph.h"
#include "passes/adjoints.h"

namespace dgen::passes {

/// Adds what the adjoint `dy` of node `id`, a view, matmul, cumulate, take or scatter_add, gives to those of its inputs that
/// are active.
void tensor_gradients(Graph& graph, int id, Signal dy, const std::vector<bool>& active, Adjoints& adjoints);

}  // namespace dgen::passes

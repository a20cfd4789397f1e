#pragma once
// Pass: replaces every pointwise node whose inputs are all constant by its value.

#include "passes/rewrite.h"

namespace dgen::passes {

/// A node whose value is not a number stays, so that it can be traced.
Rewritten fold_constants(const Graph& graph, std::span<const int> roots);

}  // namespace dgen::passes

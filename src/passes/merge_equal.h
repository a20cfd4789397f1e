#pragma once
// Pass: nodes that compute the same value become one (common subexpressions).

#include "passes/rewrite.h"

namespace dgen::passes {

/// Equal: same op, same attributes, same inputs (in any order where the op is commutative).
Rewritten merge_equal(const Graph& graph, std::span<const int> roots);

}  // namespace dgen::passes

#pragma once
// Pass: replaces nodes by equal values of less work, where their records know one (x * 1, a choice that is made).

#include "passes/rewrite.h"

namespace dgen::passes {

Rewritten simplify_nodes(const Graph& graph, std::span<const int> roots);

}  // namespace dgen::passes

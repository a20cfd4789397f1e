#pragma once
// Pass: removes what nothing depends on.

#include "passes/rewrite.h"

namespace dgen::passes {

/// Keeps what `roots` depend on, and every param and input (they are the host's).
Rewritten remove_dead(const Graph& graph, std::span<const int> roots);

}  // namespace dgen::passes

#pragma once
// Pass: arguments of recurrences that are constant outside become constants inside.

#include "passes/rewrite.h"

namespace dgen::passes {

Rewritten bind_constants(const Graph& graph);

}  // namespace dgen::passes

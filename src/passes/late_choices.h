#pragma once
// Pass: loops that choose between coefficients by comparing their state, such as attack and release, choose between next states.

#include "dgen/graph.h"

namespace dgen::passes {

/// y' = x + select(y < x, a, b) (y - x) becomes y' = select(y < x, x + a (y - x), x + b (y - x)) where the alternatives do not
/// depend on the states: what follows the choice does not wait for the comparison then, and each frame of a loop that runs frame
/// by frame takes its latency only once. For loops over numbers with one such condition, where that is shorter.
Rewritten late_choices(const Graph& graph);

}  // namespace dgen::passes

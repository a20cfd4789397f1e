#pragma once
// What a frame of a loop takes, in cycles, as numbers and as vectors.

#include "dgen/graph.h"

namespace dgen::passes {

/// Of a body of numbers, or of vectors of `lanes` floats: the work of all units, or the longest way from a state to its next
/// value, whichever is more.
double frame_cost(const Recurrence& loop, int lanes);

}  // namespace dgen::passes

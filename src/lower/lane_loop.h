#pragma once
// Loops over values with shapes whose elements meet in places that are fixed, as the neighbours of a mesh: all vectors of a
// frame are written out, states stay in locals, and where elements meet lanes are permuted.

#include "lower/row_context.h"

namespace dgen::lower {

/// Whether a loop runs so on vectors of `lanes` floats; 0 where those are not known: then it does not.
bool runs_in_lanes(const Graph& graph, int recur, int lanes);

/// The step of such a loop, through the ticks of a block.
void write_lane_loop(RowContext& rows, int recur);

}  // namespace dgen::lower

#pragma once
// Sums of all elements of a tick: the lanes of vectors added up.

#include "lower/row_context.h"

namespace dgen::lower {

/// The sum of a vector's lanes, in each of them.
ir::Value sum_of_lanes(ir::Builder& builder, ir::Value x);

/// The sum `id` of one tick, whose vectors are added up to `partial`. Once a tick.
void write_sum(RowContext& rows, int id, ir::Value partial);

/// The sum `id` of every tick of the block, whose vectors are added up in `rows.partial`.
void write_sums_of_block(RowContext& rows, int id);

}  // namespace dgen::lower

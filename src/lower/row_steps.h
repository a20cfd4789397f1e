#pragma once
// The steps of a stage on ticks, a file each. Those `once a tick` are written within `RowContext::each_tick`.

#include "lower/row_context.h"

namespace dgen::lower {

/// Element by element, lanes are elements; sums of all elements on the way. Once a tick.
void write_elements_step(RowContext& rows, const RowStep& step);

/// The same where loops are among the nodes: a vector of elements goes through the ticks of a block.
void write_looped_elements_step(RowContext& rows, const RowStep& step);

/// The same for values with one element: held values and sums over time too. Once a tick.
void write_numbers_step(RowContext& rows, const RowStep& step);

/// Products with a matrix, for the ticks of a block together.
void write_linear_step(RowContext& rows, int id);

/// The same of control values, with the matrix as it lies.
void write_linear_once_step(RowContext& rows, int id);

/// Products of two rows. Once a tick.
void write_outer_step(RowContext& rows, int id);

/// The sum over time `id` of products of two rows, for the ticks of a block together.
void write_outer_sum_step(RowContext& rows, int id);

/// Fourier transforms: lanes are elements or, of short ones, the ticks of the block.
void write_fft_step(RowContext& rows, int id);

/// Sums over some axes. Once a tick.
void write_contract_step(RowContext& rows, int id);

/// The window of a value with a shape, gathered from the rows of its past. Once a tick.
void write_window_step(RowContext& rows, int id);

/// A value with a shape at the frames up to the next tick. Once a tick.
void write_hold_step(RowContext& rows, int id);

/// A loop over values with shapes whose elements meet, through the ticks of a block one after another.
void write_recur_step(RowContext& rows, int recur);

/// One step of any form. For loops, whose bodies have steps of their own.
void write_step(RowContext& rows, const RowStep& step);

/// Elements in other places, and added up in the places they came from. Once a tick.
void write_view_step(RowContext& rows, int id);
void write_view_sum_step(RowContext& rows, int id);

/// Products of matrices that may both move. Once a tick.
void write_matmul_step(RowContext& rows, int id);
/// Elements of the transpose of its right side, where that is given transposed: from a row to the next, and in all.
std::int64_t turned_stride(std::int64_t columns);
std::int64_t turned_elements(const Graph& graph, int matmul);

/// A recurrence along an axis, and where along one the largest element is. Once a tick.
void write_cumulate_step(RowContext& rows, int id);
void write_extremum_step(RowContext& rows, int id);

/// Elements by indices that move. Once a tick.
void write_take_step(RowContext& rows, int id);
void write_scatter_add_step(RowContext& rows, int id);

/// Adds frames to the sums of this frame and the coming ones. Once a tick.
void write_overlap_add_step(RowContext& rows, int id);

/// A value that lies in rows, for later stages and the host.
void write_copy_step(RowContext& rows, int id);

/// Lays the tick's value down at the frames up to the next tick.
void hold_value(RowContext& rows, int id, ir::Value x);
/// Before the first tick: the value of the last one goes on up to it.
void begin_held(RowContext& rows);
/// After the last tick: outputs and pasts of held values.
void spread_held(RowContext& rows);
/// After the last frame: sums of shaped overlapping frames for the frames behind this sub-block come to the front.
void move_overlaps(RowContext& rows);

}  // namespace dgen::lower

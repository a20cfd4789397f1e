#pragma once
// Spectra of windows one frame apart: each follows from the one before (sliding DFT), a few operations a bin instead of a
// transform. Source: Jacobsen and Lyons 2003, The Sliding DFT.

#include "lower/row_context.h"

namespace dgen::lower {

/// Whether the Fourier transform `id` is of the last frames at every frame, and sliding is cheaper than transforming.
bool slides(const Graph& graph, int id);

/// Whether `id` adds up what inverse transforms give at every frame, and nobody else needs those: the reverse of sliding.
bool slides_back(const Graph& graph, int id);

/// Spectra of the block's ticks. The sub-block's first is computed from its window, so that errors do not grow, and so is one
/// whose window a sample that is no bounded number has just left. A window of zeros has zeros.
void write_sliding_step(RowContext& rows, int id);

/// Adds to the sums of `id`, an overlap_add, without the frames of each tick.
void write_sliding_add_step(RowContext& rows, int id);

}  // namespace dgen::lower

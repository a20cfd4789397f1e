#pragma once
// The states of a skewed cascade between its coordinates and those of the patch.

#include "lower/skewed_cascade.h"

namespace dgen::lower {

/// The states before the block that goes on, into `state`.
void keep_own_states(ir::Builder& builder, const Cascade& system, const SkewedBuffers& buffers);

/// A block begins at the states of the patch, with the coefficients that `numbers` and `turns` hold.
void begin_block_at_own_states(ir::Builder& builder, const Cascade& system, const SkewedBuffers& buffers);

/// One frame more in double: `input`, f64.
void step_own_states(ir::Builder& builder, const Recurrence& recurrence, const SkewedBuffers& buffers, ir::Value input);

}  // namespace dgen::lower

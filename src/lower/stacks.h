#pragma once
// Rows made of numbers of control clock, the fixed-point steps of rows of phases, and coefficients close to 1: written when a
// parameter changes.

#include "lower/buffers.h"
#include "schedule/schedule.h"

namespace dgen::lower {

/// Adds the kernel that fills `Buffers::stack`, `Buffers::row_steps` and `Buffers::diffused`, where there are any.
void add_stack_kernel(const schedule::Schedule& schedule, Buffers& buffers, ir::Module& module);

}  // namespace dgen::lower

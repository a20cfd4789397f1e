#pragma once
// Rows made of numbers of control clock, and the fixed-point steps of rows of phases: written when a parameter changes.

#include "lower/buffers.h"
#include "schedule/schedule.h"

namespace dgen::lower {

/// Adds the kernel that fills `Buffers::stack` and `Buffers::row_steps`, where there are any.
void add_stack_kernel(const schedule::Schedule& schedule, Buffers& buffers, ir::Module& module);

}  // namespace dgen::lower

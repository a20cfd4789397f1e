#pragma once
// The kernels that run when a parameter or the sample rate changed, which every target has.

#include "lower/buffers.h"

namespace dgen::lower {

/// Numbers of control clock, in double; what other stages read is kept in the state arena. `number`: of the stage.
ir::Function control_kernel(const schedule::Schedule& schedule, int number, const Buffers& buffers, ir::Module& module);

/// Steps of phases whose increment is a control value, in fixed point.
void add_step_kernel(const schedule::Schedule& schedule, const Buffers& buffers, ir::Module& module);

/// How many frames the shortest read of a line that its own loop fills goes back, in whole vectors where it holds any: the
/// scans of a sub-block that begins within a vector do their work twice.
void add_limit_kernel(const schedule::Schedule& schedule, const Buffers& buffers, ir::Module& module);

}  // namespace dgen::lower

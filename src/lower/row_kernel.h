#pragma once
// Writes the kernel of a stage on values with shapes: on the ticks of a hop clock, or once for those of control clock. A few
// ticks at a time go through all of the stage, so that what lies between its steps stays in the first-level cache; within a step
// lanes are elements.

#include <string>

#include "lower/buffers.h"
#include "schedule/schedule.h"

namespace dgen::lower {

ir::Function write_row_kernel(const schedule::Schedule& schedule, const schedule::Stage& stage, Buffers& buffers,
                              ir::Module& module, std::string name);

}  // namespace dgen::lower

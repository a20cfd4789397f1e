#pragma once
// How far delays whose times move read back in each frame of a sub-block: what its parts are cut by.

#include "lower/buffers.h"
#include "schedule/schedule.h"

namespace dgen::lower {

/// Fills ir::Module::latest from times that stages before have computed. Where a read `is_measured`.
ir::Function measure_kernel(const schedule::Schedule& schedule, const Buffers& buffers, ir::Module& module);

}  // namespace dgen::lower

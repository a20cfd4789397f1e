#pragma once
// What a cascade computes in double when its coefficients change.

#include "lower/buffers.h"
#include "schedule/schedule.h"

namespace dgen::lower {

/// Adds a kernel that takes the coefficients of cascades where they changed, with the powers their scans need, and one that
/// computes blocks while they rest: over streams one step of them every 16 frames, so that no call takes long.
void add_cascade_kernels(const schedule::Schedule& schedule, const Buffers& buffers, ir::Module& module);

}  // namespace dgen::lower

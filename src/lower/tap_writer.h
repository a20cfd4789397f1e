#pragma once
// Writes FIR filters over a sub-block: `schedule::TapRun`.

#include "ir/builder.h"
#include "lower/buffers.h"
#include "schedule/schedule.h"

namespace dgen::lower {

/// Sums of `taps` products: frame f of `sums` becomes the sum over k of coefficient k times element `origin` + f - k (i32) of
/// buffer `past`, for `frames` (i32) frames. A tap is k = q lanes + r: for one r, the same vector of the past serves output
/// vector j at tap q and output vector j + 1 at tap q + 1, so that a few loads feed many products. The order of the sum does
/// not depend on where a block begins.
void write_taps(ir::Builder& builder, const TapBuffers& buffers, std::int64_t taps, int past, ir::Value origin, ir::Value frames);

/// Adds the kernel that fills coefficients which are control values, where there are any.
void add_tap_kernel(const schedule::Schedule& schedule, const Buffers& buffers, ir::Module& module);

}  // namespace dgen::lower

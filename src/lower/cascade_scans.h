#pragma once
// The sections of a cascade as scans, one after another.

#include "graph/cascade.h"
#include "ir/builder.h"
#include "lower/cascade_buffers.h"

namespace dgen::lower {

/// One vector: from `input` and the states at the beginning of `base` to the outputs, and the states after it, from element
/// `to` of `base` on.
std::vector<ir::Value> write_cascade_scans(const Recurrence& recurrence, const Cascade& system, const CascadeBuffers& buffers,
                                           ir::Builder& builder, ir::Value input, ir::Value to);

}  // namespace dgen::lower

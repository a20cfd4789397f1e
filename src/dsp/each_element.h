#pragma once
// Composites of ops that take one number a frame, on tensors.

#include <functional>
#include <span>

#include "dgen/graph.h"

namespace dgen::dsp {

/// What `of` makes of each element of the inputs `x`, broadcast to one shape; of the inputs themselves where all are numbers.
/// Throws `Error` bad_type where they do not broadcast, limit_exceeded for more than 1024 elements.
Signal each_element(Graph& graph, std::span<const Signal> x, const std::function<Signal(std::span<const Signal>)>& of);

}  // namespace dgen::dsp

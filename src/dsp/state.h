#pragma once
// What composites remember from frame to frame.

#include <span>

#include "dgen/graph.h"

namespace dgen::dsp {

/// The shape that the signals among `x` broadcast to; handles of tables and histories have none. Throws `Error` bad_type.
Shape shape_of(std::span<const Signal> x);

/// A cell that begins at 0 in the shape of what the inputs `x` of a composite give: each element has a state of its own.
Signal state_of(Graph& graph, std::span<const Signal> x);

/// A cell that begins at `initial`, broadcast to the shape of `x` where that is larger.
Signal state_of(Signal x, Signal initial);

}  // namespace dgen::dsp

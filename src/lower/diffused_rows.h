#pragma once
// Coefficients close to 1 of loops over rows. A next state is often s + (c s + x) with a small c: as one float, 1 + c would lose
// part of c, and with it how fast a narrow filter decays. So 1 + c is kept as 16 floats, of which each takes over the rounding
// error of the one before (error diffusion), and frame n takes number n mod 16: their mean is right to 2^-29, and a state takes
// one operation less.

#include <map>

#include "graph/elements.h"
#include "ir/builder.h"

namespace dgen::lower {

inline constexpr int diffused_frames = 16;

/// A node of a body that is `state` + (coefficient * `state` + `rest`).
struct DiffusedStep {
  int state = -1, rest = -1;
  int coefficient = -1;  ///< a row that rests, node of the outer graph
};

/// Such nodes of the body of `recur`, a loop that runs every frame and whose elements do not meet.
std::map<int, DiffusedStep> diffused_steps(const Graph& graph, int recur);

/// Where the 16 vectors of elements e … begin that a buffer of `Buffers::diffused` has, and of them that of a frame.
ir::Value diffused_place(ir::Builder& builder, ir::Value e, ir::Value frame);

}  // namespace dgen::lower

#pragma once
// Pass: cuts a graph with gradients into phases that each run over a whole segment, forward or backward in time.

#include <vector>

#include "passes/write_phase.h"

namespace dgen::passes {

/// A segment's computation, as the interpreter runs it: every frame signal that a later phase needs is kept, and sums are
/// made of kept frames. The last phase runs one frame: the numbers known at the end.
struct Phases {
  std::vector<Phase> phases;
  std::vector<int> reduced;  ///< by node: of a reduce of frames, the node that it sums; else -1
};

/// The phases that compute `wanted` (nodes). Frame signals are computed in the first phase of their direction in which
/// all they need is there; control values in every phase that uses them.
/// Throws `Error` loop_without_delay, bad_feedback.
Phases split_phases(const Graph& graph, std::span<const int> wanted);

}  // namespace dgen::passes

#pragma once
// Pass: cuts a graph with gradients into runs over a segment, as compiled code makes them: sums are made on the way, and a
// frame signal that a later run needs is kept or computed again, whichever costs less.

#include <vector>

#include "passes/write_phase.h"

namespace dgen::passes {

/// A frame signal of an earlier run that a later one uses.
struct Crossing {
  int node = -1;
  int from = 0, to = 0;   ///< elements of SegmentPlan::phases
  bool kept = true;       ///< its frames are stored; else it is computed again
  bool stateful = false;  ///< it cannot be computed again
};

struct SegmentPhase {
  Phase phase;
  bool depends_on_params = true;  ///< else it need not run again for the same inputs
};

struct SegmentPlan {
  std::vector<SegmentPhase> phases;  ///< the last one has no frames: the numbers known at the end, but for plain sums
  std::vector<Crossing> crossings;
  std::vector<bool> is_frames;  ///< by wanted node
};

/// The runs that compute `wanted` (nodes).
///
/// A signal that a run could take from an earlier one costs a store and a load when it is kept, or the work of computing it
/// again from its inputs, each of which has the same choice; the choice of least cost is a minimum cut. What holds a state
/// cannot be computed again. Source: Chen et al. 2016 (recomputation), as a minimum cut in PyTorch's partitioner (2022).
/// What depends on no parameter runs first, by itself, where that is worth a run of its own.
/// Throws `Error` loop_without_delay, bad_feedback.
SegmentPlan plan_segment(const Graph& graph, std::span<const int> wanted);

}  // namespace dgen::passes

#pragma once
// Writes a loop over vectors for a loop over numbers whose lanes are known.

#include <memory>
#include <span>
#include <vector>

#include "passes/lane_order.h"

namespace dgen::passes {

/// What leaves a loop: the values of body nodes, each by itself or added up.
struct Leaving {
  std::vector<int> nodes;  ///< of the body; several: their sum
};

struct LanedLoop {
  std::shared_ptr<const Recurrence> recurrence;  ///< with a result for each `Leaving`
  std::vector<int> inputs;                       ///< nodes of the new outer graph
};

/// map: from nodes of the old outer graph to those of `out`, which gets rows of numbers that rest.
LanedLoop write_lanes(const RecurBody& loop, const LaneOrder& order, std::span<const Leaving> leaving, Graph& out,
                      std::span<const int> map);

}  // namespace dgen::passes

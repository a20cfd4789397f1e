#pragma once
// Which run over a segment computes each node.

#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// Even levels run forward in time, odd ones backward. A frame signal's level is the first in which all it needs is
/// there and time runs as its states ask. The sum of a level's frames is there from the next level on; that of a value which does
/// not change per frame is there with the value.
struct PhaseLevels {
  std::vector<int> level;               ///< by node
  std::vector<bool> frame;              ///< by node: it changes per frame
  std::vector<bool> in_loop;            ///< by node: it depends on itself, through time
  std::vector<std::vector<int>> edges;  ///< by node: what it is computed from, in this frame or another
  std::vector<int> used;                ///< what the wanted nodes depend on
  int count = 0;                        ///< levels
  bool is_frame(int id) const { return frame[static_cast<std::size_t>(id)]; }
};

PhaseLevels phase_levels(const Graph& graph, std::span<const int> wanted);

}  // namespace dgen::passes

#pragma once
// The sums of gradient contributions that arrive at nodes.

#include <map>
#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// Contributions to the adjoint of each node, in a fixed order. What arrives from frames at a node of control clock is
/// summed over time. A guard is a condition under which alone a node's value is used: where it is 0, the node's adjoint
/// is 0 and its local factor, which may be infinite there, must not be multiplied with it.
class Adjoints {
 public:
  explicit Adjoints(Graph& graph) : graph_(graph), sums_(static_cast<std::size_t>(graph.size())) {}

  /// Adds a contribution to the adjoint of `node`, one a frame or one a call, whose use is under `guard` (empty: always).
  /// Uses under several guards count as used under any of them.
  void add(int node, Signal contribution, bool per_frame, Signal guard);
  /// The adjoint of `node`; empty where nothing arrived.
  Signal take(int node);
  /// The condition under which `node` is used at all, no faster than the node; empty where it is always used.
  Signal guard(int node);

 private:
  struct Sum {
    Signal direct{};       ///< of contributions that are as fast as the node
    Signal over_frames{};  ///< of frame contributions to a control value
    Signal guard{};
    bool any = false;
  };
  Graph& graph_;
  std::vector<Sum> sums_;
};

}  // namespace dgen::passes

#pragma once
// The sums of gradient contributions that arrive at nodes.

#include <map>
#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// Contributions to the adjoint of each node, in a fixed order. What arrives from frames or ticks at a node of control clock
/// is summed over time; what arrives along axes that the node lacks is summed over them. A guard is a condition under which alone
/// a node's value is used: where it is 0, the node's adjoint is 0 and its local factor, which may be infinite there, must not be
/// multiplied with it.
/// `x` in a shape, where `like` is on a hop clock at its ticks: what is the same for all of them is no tensor that is kept.
Signal expanded(Signal x, Shape shape, Type like);

class Adjoints {
 public:
  explicit Adjoints(Graph& graph) : graph_(graph), sums_(static_cast<std::size_t>(graph.size())) {}

  /// Adds a contribution to the adjoint of `node`, of a use on clock `use` (a contribution that is slower is the same at every
  /// frame or tick of it) and under `guard` (empty: always). Uses under several guards count as used under any of them.
  void add(int node, Signal contribution, Type use, Signal guard);
  /// The adjoint of `node`, in its shape; empty where nothing arrived.
  Signal take(int node);
  /// The condition under which `node` is used at all, no faster than the node; empty where it is always used.
  Signal guard(int node);

 private:
  struct Sum {
    Signal direct{};                              ///< of contributions that are as fast as the node
    Signal over_frames{};                         ///< of frame contributions to a control value
    std::map<std::int32_t, Signal> over_ticks{};  ///< of those from ticks, by hop
    Signal guard{};
    bool any = false;
  };
  Signal settled(int node, Signal guard);
  Graph& graph_;
  std::vector<Sum> sums_;
};

}  // namespace dgen::passes

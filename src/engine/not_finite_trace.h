#pragma once
// Finds where a computation over a segment stopped being finite.

#include <cstdint>
#include <optional>
#include <vector>

#include "dgen/segment.h"
#include "passes/split_phases.h"

namespace dgen::engine {

/// Watches the phases of a segment while they run. Of each node it keeps the first frame in which its value was not finite,
/// and which of the nodes it is computed from was to blame; this chain leads to the origin.
class NotFiniteTrace {
 public:
  NotFiniteTrace(const Graph& graph, const passes::Phases& phases);
  /// Takes note of frame `frame` of phase `phase`, which `run` has just evaluated.
  void look(std::size_t phase, const Interpreter& run, std::int64_t frame);
  /// Where node `wanted` of the graph got a value that is not finite from; none where it was not seen to have one.
  std::optional<NotFiniteNode> origin_of(int wanted) const;

 private:
  struct Sight {
    bool seen = false;
    std::int64_t frame = 0;
    double value = 0;
    int blamed = -1;  ///< a node of the phase; -1: none, it is the origin
  };
  struct Watched {
    std::vector<int> order;               ///< of evaluation
    std::vector<std::vector<int>> edges;  ///< by node: what it is computed from
    std::vector<Sight> sights;            ///< by node
  };
  struct Place {
    std::size_t phase = 0;
    int node = -1;
  };

  int blame(const Watched& watched, const Graph& graph, const Interpreter& run, int id) const;
  std::optional<Place> giver_of(int id, std::size_t before) const;
  std::optional<Place> earlier(const Place& place) const;

  const Graph& graph_;
  const passes::Phases& phases_;
  std::vector<Watched> watched_;  ///< by phase
};

}  // namespace dgen::engine

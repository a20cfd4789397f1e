#pragma once
// Which runs over a segment there are, and which one computes each frame signal.

#include <functional>
#include <vector>

#include "passes/phase_levels.h"

namespace dgen::passes {

/// Runs in an order in which each has what it needs. Of one level, what depends on no parameter runs first. Where several parts
/// of a level are on ticks of their own and much work, as the resolutions of a spectral loss, each is a run by itself, between
/// what they need and what needs them, so that they may go on at once.
class SegmentHomes {
 public:
  /// `separate`: whether what depends on no parameter is kept apart. work(id): scalar operations per frame.
  SegmentHomes(const Graph& graph, const PhaseLevels& levels, bool separate, const std::function<double(int)>& work);

  int count() const { return (first_dependent_ + levels_.count) * parts_; }
  int of(int id) const { return whole(id) * parts_ + part_[static_cast<std::size_t>(id)]; }
  bool is_dependent(int run) const { return run / parts_ >= first_dependent_; }
  bool is_reversed(int run) const { return run / parts_ % 2 == 1; }

 private:
  bool mark(int id);
  void divide(const std::function<double(int)>& work);
  std::vector<std::vector<int>> branches(const std::function<double(int)>& work) const;
  void place(const std::vector<std::vector<int>>& branches);
  bool needs_a_part(int id, const std::vector<int>& branch_of) const;
  /// The run of a node where none is divided.
  int whole(int id) const {
    const auto k = static_cast<std::size_t>(id);
    return levels_.level[k] + (dependent_[k] ? first_dependent_ : 0);
  }

  const Graph& g_;
  const PhaseLevels& levels_;
  std::vector<bool> dependent_;
  int first_dependent_ = 0;
  int parts_ = 1;          ///< of each run: what branches need, branches, what needs them
  std::vector<int> part_;  ///< by node
};

}  // namespace dgen::passes

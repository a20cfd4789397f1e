#pragma once
// Which terms of a sum are equal in structure.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// Terms of a sum, none of whose own nodes anybody else uses.
struct EqualParts {
  std::vector<int> terms;  ///< of one structure, at least `fewest_parts`
  std::vector<int> rest;   ///< the other terms
};

/// Fewer parts do not fill the lanes.
inline constexpr std::size_t fewest_parts = 8;

/// Finds them for one graph.
class PartFinder {
 public:
  explicit PartFinder(const Graph& graph);

  /// The parts of the sum that node `root` is, where that is worth a vector of them.
  std::optional<EqualParts> parts_of(int root);

  /// Of the sum asked for last: which term a node belongs to; -1 where it is no term's own.
  int owner(int id) const { return owner_[static_cast<std::size_t>(id)]; }

 private:
  bool is_inner_sum(int id) const;
  void collect(int id, std::vector<int>& terms) const;
  void find_owners(int root, const std::vector<int>& terms);
  bool may_own(int id) const;
  int structure(int id);
  std::string body_text(const Recurrence& recurrence) const;
  /// Of a term.
  struct Loops {
    int scans = 0, others = 0;
    int oscillators = 0;  ///< sines of a phase accumulator
  };
  void count_loops(int id, std::set<int>& seen, Loops& loops) const;
  bool is_worth_a_lane(int term) const;

  const Graph& g_;
  std::vector<std::vector<int>> users_;  ///< by node; -1: an output
  std::vector<int> owner_;
  std::map<std::string, int> structures_;
  std::map<int, int> structure_of_;  ///< by node
};

}  // namespace dgen::passes

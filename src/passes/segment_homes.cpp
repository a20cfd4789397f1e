#include "passes/segment_homes.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/index.h"

namespace dgen::passes {

namespace {

constexpr double worth_a_branch = 8;  ///< scalar operations per frame, against a signal more on tape

/// Sets that grow together.
class Groups {
 public:
  explicit Groups(int size) : parent_(at(size)) { std::iota(parent_.begin(), parent_.end(), 0); }
  int of(int id) {
    while (parent_[at(id)] != id) id = parent_[at(id)] = parent_[at(parent_[at(id)])];
    return id;
  }
  void join(int a, int b) { parent_[at(of(a))] = of(b); }

 private:
  std::vector<int> parent_;
};

}  // namespace

SegmentHomes::SegmentHomes(const Graph& g, const PhaseLevels& levels, bool separate, const std::function<double(int)>& work)
    : g_(g), levels_(levels), dependent_(at(g.size()), !separate), part_(at(g.size()), 0) {
  for (bool changed = separate; changed;) {  // `used` comes in dependency order, but for loops
    changed = false;
    for (const int id : levels.used) changed = mark(id) || changed;
  }
  for (const int id : levels.used) {
    if (!dependent_[at(id)]) first_dependent_ = std::max(first_dependent_, levels.level[at(id)] + 1);
  }
  first_dependent_ += first_dependent_ % 2;
  divide(work);
}

/// A node depends on parameters with what it is computed from. Returns whether that is news.
bool SegmentHomes::mark(int id) {
  if (dependent_[at(id)]) return false;
  const std::vector<int>& edges = levels_.edges[at(id)];
  const bool depends = std::any_of(edges.begin(), edges.end(), [this](int x) { return dependent_[at(x)]; });
  return dependent_[at(id)] = depends || g_[id].op->kind == Kind::param;
}

/// Nodes on ticks that hang together within a run, with what brings them to frames: those that are much work, where a run has
/// several.
std::vector<std::vector<int>> SegmentHomes::branches(const std::function<double(int)>& work) const {
  Groups groups(g_.size());
  const auto on_ticks = [this](int id) { return levels_.is_frame(id) && g_[id].type.clock == Clock::hop; };
  for (const int id : levels_.used) {
    if (!levels_.is_frame(id)) continue;
    for (const int x : levels_.edges[at(id)]) {
      if (on_ticks(x) && whole(x) == whole(id)) groups.join(id, x);
    }
  }
  std::map<int, std::vector<int>> members;
  std::map<int, bool> ticks;
  for (const int id : levels_.used) {
    if (levels_.is_frame(id)) members[groups.of(id)].push_back(id);
    if (on_ticks(id)) ticks[groups.of(id)] = true;
  }
  std::map<int, std::vector<std::vector<int>>> heavy;  // by run
  for (auto& [group, ids] : members) {
    if (!ticks.contains(group)) continue;
    double all = 0;
    for (const int id : ids) all += work(id);
    if (all >= worth_a_branch) heavy[whole(ids.front())].push_back(std::move(ids));
  }
  std::vector<std::vector<int>> found;
  for (auto& [run, several] : heavy) {
    if (several.size() < 2) continue;
    for (auto& ids : several) found.push_back(std::move(ids));
  }
  return found;
}

void SegmentHomes::divide(const std::function<double(int)>& work) {
  const std::vector<std::vector<int>> found = branches(work);
  if (found.empty()) return;
  parts_ = static_cast<int>(found.size()) + 2;
  place(found);
}

/// Whether a node needs something of its run that comes after the first part; of a node of a branch, of another than its own.
bool SegmentHomes::needs_a_part(int id, const std::vector<int>& branch_of) const {
  const std::vector<int>& edges = levels_.edges[at(id)];
  return std::any_of(edges.begin(), edges.end(), [&](int x) {
    const bool own = branch_of[at(id)] > 0 && branch_of[at(x)] == branch_of[at(id)];
    return levels_.is_frame(x) && whole(x) == whole(id) && part_[at(x)] > 0 && !own;
  });
}

/// First all that no branch is needed for, last all that needs one; a branch that needs another is part of that.
void SegmentHomes::place(const std::vector<std::vector<int>>& branches) {
  const int last = parts_ - 1;
  std::vector<int> branch_of(at(g_.size()), 0);
  for (std::size_t b = 0; b < branches.size(); ++b) {
    for (const int id : branches[b]) part_[at(id)] = branch_of[at(id)] = static_cast<int>(b) + 1;
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (const int id : levels_.used) {
      if (!levels_.is_frame(id) || part_[at(id)] == last || !needs_a_part(id, branch_of)) continue;
      changed = true;
      part_[at(id)] = last;
      if (branch_of[at(id)] == 0) continue;
      for (const int other : branches[at(branch_of[at(id)] - 1)]) part_[at(other)] = last;
    }
  }
}

}  // namespace dgen::passes

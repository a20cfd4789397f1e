#include "passes/long_reads.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/index.h"
#include "passes/least_delay.h"

namespace dgen::passes {

namespace {

/// Where a time never falls below so many frames, half a sub-block, there is little to gain from measuring it.
constexpr double far = 128;
/// A time that is expected to fall below this leaves blocks of a vector at most, with all that surrounds a block: frame by frame
/// is faster.
constexpr double near = 2 * long_line;

class Finder {
 public:
  Finder(const Graph& g, const std::vector<int>& alias, const std::vector<bool>& feedback_read)
      : g_(g), alias_(alias), feedback_read_(feedback_read), moving_(at(g.size()), false) {
    made_.cut.assign(at(g.size()), false);
    made_.measured.assign(at(g.size()), false);
    for (int id = 0; id < g.size(); ++id) {
      if (!reads_long_line(id)) continue;
      const bool still = g[time_of(id)].type.clock <= Clock::control;
      const bool number = g[id].type.shape.rank == 0 && g[time_of(id)].type.shape.rank == 0;
      made_.cut[at(id)] = still;
      moving_[at(id)] = !still && number;
    }
  }

  LongReads find(bool measures) {
    std::vector<int> found;
    for (int id = 0; id < g_.size(); ++id) {
      if (!moving_[at(id)]) continue;
      const std::optional<Bounds> bounds = bounds_of(g_, alias_, time_of(id));
      const bool known = bounds && bounds->least >= static_cast<double>(long_line + 1);
      const bool measured = measures && !(known && bounds->least >= far) && is_usually_long(id) && comes_first(id);
      made_.measured[at(id)] = measured;
      if (measured || (known && !reaches(time_of(id), [&](int x) { return x == id; }))) found.push_back(id);
    }
    for (const int id : found) made_.cut[at(id)] = true;
    return std::move(made_);
  }

 private:
  int time_of(int read) const { return alias_[at(g_[read].inputs[1])]; }

  bool reads_long_line(int id) const {
    const Node& node = g_[id];
    return node.op->kind == Kind::line_read && feedback_read_[at(id)] &&
           g_[alias_[at(node.inputs[0])]].attributes.size >= long_line;
  }

  bool is_usually_long(int read) const {
    const std::optional<Bounds> usual = usual_bounds_of(g_, alias_, time_of(read));
    const auto most = static_cast<double>(g_[alias_[at(g_[read].inputs[0])]].attributes.size);
    return most >= near && (!usual || usual->least >= near);
  }

  /// Whether a node for which `wanted` holds is among those that `from` depends on, in this frame or an earlier one. What a read
  /// of control clock has read is there long before.
  template <class Wanted>
  bool reaches(int from, Wanted wanted) const {
    std::vector<bool> seen(at(g_.size()), false);
    std::vector<int> open{from};
    while (!open.empty()) {
      const int id = alias_[at(open.back())];
      open.pop_back();
      if (seen[at(id)]) continue;
      seen[at(id)] = true;
      if (wanted(id)) return true;
      if (made_.cut[at(id)]) {
        open.push_back(g_[id].inputs[1]);
        continue;
      }
      open.insert(open.end(), g_[id].inputs.begin(), g_[id].inputs.end());
      if (g_[id].feedback >= 0) open.push_back(g_[id].feedback);
    }
    return false;
  }

  /// Whether the time is known for a block of frames before anything that is read at a time that moves: of numbers of every frame
  /// only, which a stage of the block can be computed from ahead of the others.
  bool comes_first(int read) const {
    return !reaches(time_of(read), [&](int id) {
      const Node& node = g_[id];
      const bool number = node.type.clock != Clock::hop && (node.type.shape.rank == 0 || node.type.clock <= Clock::control);
      return moving_[at(id)] || !number || node.op->kind == Kind::hold || node.op->kind == Kind::overlap_add;
    });
  }

  const Graph& g_;
  const std::vector<int>& alias_;
  const std::vector<bool>& feedback_read_;
  std::vector<bool> moving_;  ///< reads of long lines in their loop, at times that move
  LongReads made_;
};

}  // namespace

LongReads find_long_reads(const Graph& graph, const std::vector<int>& alias, const std::vector<bool>& feedback_read,
                          bool measures) {
  return Finder(graph, alias, feedback_read).find(measures);
}

}  // namespace dgen::passes

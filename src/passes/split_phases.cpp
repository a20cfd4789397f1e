#include "passes/split_phases.h"

#include <algorithm>
#include <set>

#include "base/index.h"

namespace dgen::passes {

namespace {

class Splitter {
 public:
  Splitter(const Graph& g, std::span<const int> wanted) : g_(g), levels_(phase_levels(g, wanted)) {
    made_.reduced.assign(at(g.size()), -1);
    leaving_.resize(at(levels_.count));
    for (const int id : levels_.used) find_transfers(id);
    for (const int id : wanted) want(id);
    for (int level = 0; level < levels_.count; ++level) {
      if (leaving_[at(level)].empty()) continue;
      PhaseWriter writer(g, levels_, level % 2 == 1, received_in(level));
      for (const int id : leaving_[at(level)]) writer.add_output(id);
      made_.phases.push_back(writer.take());
    }
    PhaseWriter last(g, levels_, false, received_in(levels_.count));
    for (const int id : wanted) {
      if (!levels_.is_frame(id)) last.add_output(id);
    }
    made_.phases.push_back(last.take());
  }

  Phases take() { return std::move(made_); }

 private:
  std::function<bool(int)> received_in(int level) const {
    return [this, level](int id) { return levels_.level[at(id)] != level; };
  }

  /// A frame signal leaves its phase when a later one, the host or a sum needs it.
  void find_transfers(int id) {
    const Node& node = g_[id];
    if (node.op->kind == Kind::reduce && levels_.is_frame(node.inputs[0])) {
      made_.reduced[at(id)] = node.inputs[0];
      want(node.inputs[0]);
    }
    if (!levels_.is_frame(id)) return;
    for (const int x : levels_.edges[at(id)]) {
      if (levels_.is_frame(x) && g_[x].type.dtype == DType::signal && levels_.level[at(x)] < levels_.level[at(id)]) want(x);
    }
  }

  void want(int id) {
    if (levels_.is_frame(id) && g_[id].op->kind != Kind::input) leaving_[at(levels_.level[at(id)])].insert(id);
  }

  const Graph& g_;
  const PhaseLevels levels_;
  Phases made_;
  std::vector<std::set<int>> leaving_;  ///< by level
};

}  // namespace

Phases split_phases(const Graph& graph, std::span<const int> wanted) { return Splitter(graph, wanted).take(); }

}  // namespace dgen::passes

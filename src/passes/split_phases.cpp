#include "passes/split_phases.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/components.h"
#include "base/index.h"
#include "dgen/error.h"
#include "graph/sequence.h"
#include "passes/phase_levels.h"

namespace dgen::passes {

namespace {

/// Copies the nodes of one phase into a graph of their own.
class PhaseWriter {
 public:
  PhaseWriter(const Graph& g, const PhaseLevels& levels, int level, bool reversed) : g_(g), levels_(levels), level_(level) {
    made_.graph = std::make_unique<Graph>();
    made_.reversed = reversed;
  }

  void add(int id) { copy(id); }

  void add_output(int id) {
    made_.graph->output({made_.graph.get(), copy(id)}, "n" + std::to_string(id));
    made_.outputs.push_back(id);
  }

  Phase take() {
    // What a state takes at the end of a frame may need further nodes, and these further states.
    for (std::size_t k = 0; k < open_.size(); ++k) {
      const int feedback = copy(g_[open_[k]].feedback);
      made_.graph->close({made_.graph.get(), map_.at(open_[k])}, {made_.graph.get(), feedback});
    }
    return std::move(made_);
  }

 private:
  bool belongs_here(int id) const { return !levels_.is_frame(id) || levels_.level[at(id)] == level_; }

  /// The node in the phase's graph. The depth of the recursion is bounded by copying inputs in node order before.
  int copy(int id) {
    std::vector<int> waiting{id};
    while (!waiting.empty()) {
      const int next = waiting.back();
      if (map_.contains(next)) {
        waiting.pop_back();
        continue;
      }
      const std::vector<int> needs = missing(next);
      if (needs.empty()) {
        map_[next] = make(next);
        waiting.pop_back();
      } else {
        waiting.insert(waiting.end(), needs.begin(), needs.end());
      }
    }
    return map_.at(id);
  }

  bool is_received(int id) const {
    const Kind kind = g_[id].op->kind;
    return kind == Kind::reduce || kind == Kind::input || !belongs_here(id);
  }

  std::vector<int> missing(int id) const {
    std::vector<int> found;
    if (is_received(id)) return found;
    for (const int x : g_[id].inputs) {
      if (!map_.contains(x)) found.push_back(x);
    }
    return found;
  }

  int make(int id) {
    Graph& out = *made_.graph;
    const Node& node = g_[id];
    if (node.op->kind == Kind::reduce) {
      made_.sums.push_back(id);
      return out.param(sum_name(id), 0).id;
    }
    if (is_received(id)) {
      made_.inputs.push_back(id);
      return out.input(static_cast<int>(made_.inputs.size()) - 1).id;
    }
    std::vector<int> inputs;
    for (const int x : node.inputs) inputs.push_back(map_.at(x));
    Node changed = node;
    changed.attributes.reversed = false;
    const int made = out.copy(changed, inputs).id;
    if (node.feedback >= 0) open_.push_back(id);
    return made;
  }

  const Graph& g_;
  const PhaseLevels& levels_;
  const int level_;
  Phase made_;
  std::map<int, int> map_;
  std::vector<int> open_;  ///< states and handles whose feedback is to be closed
};

class Splitter {
 public:
  Splitter(const Graph& g, std::span<const int> wanted) : g_(g), levels_(phase_levels(g, wanted)) {
    made_.reduced.assign(at(g.size()), -1);
    leaving_.resize(at(levels_.count));
    for (const int id : levels_.used) find_transfers(id);
    for (const int id : wanted) want(id);
    for (int level = 0; level < levels_.count; ++level) {
      if (leaving_[at(level)].empty()) continue;
      PhaseWriter writer(g, levels_, level, level % 2 == 1);
      for (const int id : leaving_[at(level)]) writer.add_output(id);
      made_.phases.push_back(writer.take());
    }
    PhaseWriter last(g, levels_, levels_.count, false);
    for (const int id : wanted) {
      if (!levels_.is_frame(id)) last.add_output(id);
    }
    made_.phases.push_back(last.take());
  }

  Phases take() { return std::move(made_); }

 private:
  /// A frame signal leaves its phase when a later one, the host or a sum needs it.
  void find_transfers(int id) {
    const Node& node = g_[id];
    if (node.op->kind == Kind::reduce) {
      made_.reduced[at(id)] = node.inputs[0];
      leaving_[at(levels_.is_frame(node.inputs[0]) ? levels_.level[at(node.inputs[0])] : levels_.level[at(id)] - 1)].insert(
          node.inputs[0]);
      return;
    }
    if (!levels_.is_frame(id)) return;
    for (const int x : levels_.edges[at(id)]) {
      if (levels_.is_frame(x) && levels_.level[at(x)] < levels_.level[at(id)]) want(x);
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

std::string sum_name(int node) { return "(sum " + std::to_string(node) + ")"; }

Phases split_phases(const Graph& graph, std::span<const int> wanted) { return Splitter(graph, wanted).take(); }

}  // namespace dgen::passes

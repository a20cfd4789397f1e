#include "passes/phase_levels.h"

#include <algorithm>

#include "base/components.h"
#include "base/index.h"
#include "dgen/error.h"
#include "graph/sequence.h"
#include "passes/reach.h"

namespace dgen::passes {

namespace {

bool is_state(const Node& node) {
  const Kind kind = node.op->kind;
  return kind == Kind::cell || kind == Kind::line || kind == Kind::delay || (kind == Kind::table && node.feedback >= 0) ||
         kind == Kind::window || kind == Kind::overlap_add || kind == Kind::hold;
}

/// Lines and written tables belong to one phase with all that read and write them.
std::vector<std::vector<int>> edges_with_owners(const Graph& g) {
  std::vector<std::vector<int>> edges = all_edges(g);
  for (int id = 0; id < g.size(); ++id) {
    const Kind kind = g[id].op->kind;
    int owner = -1;
    if (kind == Kind::line_read) owner = g[id].inputs[0];
    if (kind == Kind::gather || kind == Kind::scatter) owner = table_of(g, g[id].inputs[0]);
    if (owner >= 0 && g[owner].feedback >= 0) edges[at(owner)].push_back(id);
  }
  return edges;
}

class Leveller {
 public:
  Leveller(const Graph& g, std::span<const int> wanted) : g_(g) {
    made_.level.assign(at(g.size()), 0);
    made_.frame.assign(at(g.size()), false);
    made_.in_loop.assign(at(g.size()), false);
    made_.edges = edges_with_owners(g);
    const std::vector<int> roots(wanted.begin(), wanted.end());
    const auto components =
        strong_components(g.size(), roots, [this](int id) -> const std::vector<int>& { return made_.edges[at(id)]; });
    for (const std::vector<int>& component : components) place(component);
    made_.count += 1;
  }

  PhaseLevels take() { return std::move(made_); }

 private:
  void place(const std::vector<int>& component) {
    bool changes = component.size() > 1, stateful = false, reversed = false;
    int level = 0;
    for (const int id : component) {
      const Node& node = g_[id];
      const Kind kind = node.op->kind;
      if (is_state(node)) {
        check(!stateful || reversed == node.attributes.reversed, "time runs one way in a loop");
        stateful = true;
        reversed = node.attributes.reversed;
      }
      changes = changes || is_state(node) || node.type.clock == Clock::hop || kind == Kind::input || kind == Kind::frame_index ||
                kind == Kind::noise;
      for (const int x : made_.edges[at(id)]) {
        changes = changes || made_.frame[at(x)];
        level = std::max(level, made_.level[at(x)]);
      }
    }
    if (stateful && level % 2 != (reversed ? 1 : 0)) ++level;
    const bool reduces = g_[component.front()].op->kind == Kind::reduce;
    const bool sums = reduces && changes;  // else the number of frames is enough
    for (const int id : component) {
      made_.in_loop[at(id)] = component.size() > 1;
      made_.frame[at(id)] = changes && !reduces;
      made_.level[at(id)] = sums ? level + 1 : level;
      made_.used.push_back(id);
      made_.count = std::max(made_.count, made_.level[at(id)]);
    }
  }

  const Graph& g_;
  PhaseLevels made_;
};

}  // namespace

PhaseLevels phase_levels(const Graph& graph, std::span<const int> wanted) { return Leveller(graph, wanted).take(); }

}  // namespace dgen::passes

#include "schedule/control_stages.h"

#include <algorithm>
#include <map>

#include "base/index.h"
#include "schedule/exact_rows.h"
#include "schedule/row_nodes.h"

namespace dgen::schedule {

namespace {

/// Computed in a control stage; parameters with shapes are there.
bool is_control(const Node& node) {
  const Kind kind = node.op->kind;
  const bool given =
      kind == Kind::constant || kind == Kind::tensor || kind == Kind::reduce || (kind == Kind::param && node.type.shape.rank > 0);
  return node.type.dtype == DType::signal && node.type.clock <= Clock::control && !given;
}

/// Of a control node: whether it has elements, or is made of some.
bool has_rows(const Graph& g, int id) {
  const auto shaped = [&](int x) { return g[x].type.shape.rank > 0; };
  return shaped(id) || std::any_of(g[id].inputs.begin(), g[id].inputs.end(), shaped);
}

const char* why(const Graph& g, const Stage& stage) {
  if (stage.order == Order::control)
    return "depends on parameters and the sample rate only: computed when one of them changes, in double";
  return runs_in_double(g, stage) ? "the same, of short rows: an element at a time, in double"
                                  : "the same, of values with shapes: a vector of elements at a time, in float32";
}

}  // namespace

std::vector<Stage> control_stages(const Graph& g) {
  std::vector<int> level(at(g.size()), 0);  // even: numbers; odd: rows
  std::map<int, Stage> stages;
  for (int id = 0; id < g.size(); ++id) {
    if (!is_control(g[id]) || is_stack(g, id)) continue;
    const bool rows = has_rows(g, id);
    int& own = level[at(id)];
    for (const int x : g[id].inputs) own = std::max(own, level[at(x)]);
    own += (own % 2 == 1) != rows ? 1 : 0;
    stages[own].nodes.push_back(id);
  }
  std::vector<Stage> made;
  for (auto& [number, stage] : stages) {
    stage.order = number % 2 == 1 ? Order::control_rows : Order::control;
    stage.why = why(g, stage);
    made.push_back(std::move(stage));
  }
  return made;
}

}  // namespace dgen::schedule

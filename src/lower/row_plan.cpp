#include "lower/row_plan.h"

#include <algorithm>
#include <optional>

#include "base/index.h"
#include "dgen/error.h"

namespace dgen::lower {

using Form = RowStep::Form;

namespace {

/// The form of the step that computes a node; none of what is there before.
std::optional<Form> form_of(const Graph& g, int id) {
  switch (g[id].op->kind) {
    case Kind::pointwise:
    case Kind::reshape:
    case Kind::expand:
    case Kind::frame_index:
    case Kind::hold:
    case Kind::reduce: return Form::elements;
    case Kind::contract: return elements_of(g, id) == elements_of(g, g[id].inputs[0]) ? Form::elements : Form::contract;
    case Kind::linear: return moves(g[id].type) ? Form::linear : Form::linear_once;
    case Kind::outer: return Form::outer;
    case Kind::window:  // its elements are where the past is kept
    case Kind::constant:
    case Kind::param:
    case Kind::input:
    case Kind::sample_rate:
    case Kind::tensor:
    case Kind::noise:
    case Kind::delay:
    case Kind::table:
    case Kind::gather:
    case Kind::scatter:
    case Kind::cell:
    case Kind::line:
    case Kind::line_read:
    case Kind::handle:
    case Kind::sequence:
    case Kind::recur:
    case Kind::result:
    case Kind::state:
    case Kind::argument:
    case Kind::overlap_add:
    case Kind::view:
    case Kind::view_sum:
    case Kind::matmul:
    case Kind::cumulate:
    case Kind::extremum:
    case Kind::take:
    case Kind::scatter_add:
    case Kind::composite: break;
  }
  return std::nullopt;
}

/// An outer product that is only added up over time: the matrix is not written at every tick.
bool is_summed_outer(const Graph& g, int id) {
  if (g[id].op->kind != Kind::outer) return false;
  int users = 0;
  bool sums = false;
  for (const Node& node : g.nodes()) {
    const auto uses = std::count(node.inputs.begin(), node.inputs.end(), id);
    users += static_cast<int>(uses);
    sums = sums || (uses > 0 && node.op->kind == Kind::reduce);
  }
  for (const Output& output : g.outputs()) users += output.node == id ? 1 : 0;
  return sums && users == 1;
}

class Planner {
 public:
  Planner(const Graph& graph, const schedule::Stage& stage) : g_(graph), stage_(stage) {}

  RowPlan plan() {
    for (const int id : stage_.nodes) place(id);
    for (const int id : stage_.adds) append(Form::add, id);
    std::vector<int> leaving = stage_.stores;
    for (const int c : stage_.outputs) leaving.push_back(g_.outputs()[at(c)].node);
    for (const int id : leaving) {
      if (g_[id].type.clock == Clock::hop && !is_element_wise(g_, id)) append(Form::copy, id);
    }
    return std::move(made_);
  }

 private:
  void place(int id) {
    if (g_[id].op->kind == Kind::window || is_summed_outer(g_, id)) return;
    if (g_[id].op->kind == Kind::reduce && is_summed_outer(g_, g_[id].inputs[0])) {
      append(Form::outer_sum, id);
      made_.step_of[id] = static_cast<int>(made_.steps.size()) - 1;
      return;
    }
    if (is_full_sum(g_, id)) return join(id, elements_of(g_, g_[id].inputs[0]), true);
    const std::optional<Form> form = form_of(g_, id);
    check(form.has_value(), "a stage on ticks computes elements, products and sums");
    if (form == Form::elements) return join(id, elements_of(g_, id), false);
    append(*form, id);
    made_.step_of[id] = static_cast<int>(made_.steps.size()) - 1;
  }

  void append(Form form, int id) { made_.steps.push_back({.form = form, .nodes = {id}}); }

  /// The first step in which all that the node needs is there: elements of the same number may come from the same step.
  int step_after_inputs(int id, std::int64_t count) const {
    int first = 0;
    for (const int x : g_[id].inputs) {
      const auto made = made_.step_of.find(x);
      if (made == made_.step_of.end()) continue;
      const bool fits = count > 0 && is_element_wise(g_, x) && elements_of(g_, x) == count;
      first = std::max(first, made->second + (fits ? 0 : 1));
    }
    return first;
  }

  void join(int id, std::int64_t count, bool sums) {
    const int steps = static_cast<int>(made_.steps.size());
    int place = step_after_inputs(id, count);
    const auto fits = [&](const RowStep& step) { return step.form == Form::elements && step.count == count; };
    while (place < steps && !fits(made_.steps[at(place)])) ++place;
    if (place >= steps) {
      place = steps;
      made_.steps.push_back({.count = count});
    }
    (sums ? made_.steps[at(place)].sums : made_.steps[at(place)].nodes).push_back(id);
    made_.step_of[id] = place;
  }

  const Graph& g_;
  const schedule::Stage& stage_;
  RowPlan made_;
};

}  // namespace

RowPlan plan_rows(const Graph& graph, const schedule::Stage& stage) { return Planner(graph, stage).plan(); }

bool is_full_sum(const Graph& graph, int id) {
  return graph[id].op->kind == Kind::contract && elements_of(graph, id) == 1 && elements_of(graph, graph[id].inputs[0]) > 1;
}

bool is_element_wise(const Graph& graph, int id) { return form_of(graph, id) == Form::elements; }

}  // namespace dgen::lower

#include "lower/row_plan.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/index.h"
#include "dgen/error.h"
#include "lower/row_sliding.h"
#include "lower/rows.h"
#include "schedule/row_nodes.h"

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
    case Kind::line_read:  // in the body of a loop
    case Kind::reduce: return Form::elements;
    case Kind::hold: return elements_of(g, id) == 1 || schedule::row_hop(g, id) == 1 ? Form::elements : Form::hold;
    case Kind::recur: return is_separate_loop(g, id) ? Form::elements : Form::recur;
    case Kind::result: return is_separate_loop(g, g[id].inputs[0]) ? Form::elements : Form::recur;
    case Kind::window: return lies_in_place(g, id) ? std::nullopt : std::optional(Form::window);
    case Kind::contract: return elements_of(g, id) == elements_of(g, g[id].inputs[0]) ? Form::elements : Form::contract;
    case Kind::linear: return moves(g[id].type) ? Form::linear : Form::linear_once;
    case Kind::outer: return Form::outer;
    case Kind::fft: return Form::fft;
    case Kind::view: return Form::view;
    case Kind::view_sum: return Form::view_sum;
    case Kind::matmul: return Form::matmul;
    case Kind::cumulate: return Form::cumulate;
    case Kind::extremum: return Form::extremum;
    case Kind::take: return Form::take;
    case Kind::scatter_add: return Form::scatter_add;
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
    case Kind::handle:
    case Kind::sequence:
    case Kind::state:
    case Kind::argument:
    case Kind::overlap_add:
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
  Planner(const Graph& graph, const schedule::Stage& stage, ir::Run run) : g_(graph), stage_(stage), run_(run) {}

  RowPlan plan() {
    for (const int id : stage_.nodes) place(id);
    for (const int id : stage_.adds) append(adds_sliding(id) ? Form::sliding_add : Form::add, id);
    std::set<int> leaving(stage_.stores.begin(), stage_.stores.end());
    leaving.insert(stage_.fills.begin(), stage_.fills.end());
    leaving.insert(stage_.windows.begin(), stage_.windows.end());
    for (const int c : stage_.outputs) leaving.insert(g_.outputs()[at(c)].node);
    for (const int id : leaving) {  // elements are stored where they are computed; others, and what rests, are copied
      if (!(is_element_wise(g_, id) && is_here(id)) && g_[id].op->kind != Kind::hold) append(Form::copy, id);
    }
    return std::move(made_);
  }

 private:
  bool is_here(int id) const { return std::find(stage_.nodes.begin(), stage_.nodes.end(), id) != stage_.nodes.end(); }

  /// Streams transform every window: their sub-blocks depend on the host's, and their bits must not.
  bool adds_sliding(int id) const { return run_ == ir::Run::backward && slides_back(g_, id) && is_here(g_[id].inputs[0]); }

  void place(int id) {
    if (lies_in_place(g_, id) || is_summed_outer(g_, id)) return;
    if (const std::optional<RowPart> part = part_of(id)) {
      made_.parts[id] = *part;
      return;
    }
    if (std::any_of(stage_.adds.begin(), stage_.adds.end(),
                    [&](int add) { return g_[add].inputs[0] == id && adds_sliding(add); }))
      return;
    if (g_[id].op->kind == Kind::reduce && is_summed_outer(g_, g_[id].inputs[0])) {
      append(Form::outer_sum, id);
      made_.step_of[id] = static_cast<int>(made_.steps.size()) - 1;
      return;
    }
    if (g_[id].op->kind == Kind::result && !is_element_wise(g_, id)) {
      made_.step_of[id] = made_.step_of.at(g_[id].inputs[0]);
      return;
    }
    if (is_full_sum(g_, id)) return join(id, elements_of(g_, g_[id].inputs[0]), true);
    const std::optional<Form> form = form_of(g_, id);
    check(form.has_value(), "a stage on ticks computes elements, products and sums");
    if (form == Form::elements) return join(id, count_of(id), false);
    append(run_ == ir::Run::forward && slides(g_, id) ? Form::sliding : *form, id);
    made_.step_of[id] = static_cast<int>(made_.steps.size()) - 1;
  }

  /// A view that needs no copy. Vectors at its end read over it: that must lie in the row, too.
  std::optional<RowPart> part_of(int id) const {
    const Node& node = g_[id];
    if (node.op->kind != Kind::view || node.inputs.size() != 1 || !moves(node.type)) return {};
    const std::vector<std::int32_t>& map = *node.attributes.map;
    const int x = node.inputs[0], origin = made_.origin(x);
    if (map[0] < 0 || !moves(g_[x].type) || elements_of(g_, x) == 1) return {};
    for (std::size_t e = 1; e < map.size(); ++e) {
      if (map[e] != map[0] + static_cast<std::int32_t>(e)) return {};
    }
    std::int64_t first = map[0];
    for (auto part = made_.parts.find(x); part != made_.parts.end(); part = made_.parts.find(part->second.of))
      first += part->second.first;
    const std::int64_t vectors = padded(elements_of(g_, id));
    const bool is_past = g_[origin].op->kind == Kind::window && lies_in_place(g_, origin);  // a ring, which is longer
    const bool in_row = made_.step_of.contains(origin) && first + vectors <= row_stride(g_[origin].type.shape);
    if (!is_past && !in_row) return {};
    return RowPart{x, map[0]};
  }

  void append(Form form, int id) { made_.steps.push_back({.form = form, .nodes = {id}}); }

  /// Elements that a node of an element-wise step goes through.
  std::int64_t count_of(int id) const {
    return g_[id].op->kind == Kind::recur ? schedule::loop_elements(g_, id) : elements_of(g_, id);
  }

  /// Whether input x of a loop is what a state begins with, of which the first tick's row is needed before the others.
  bool is_start(int id, int x) const {
    if (g_[id].op->kind != Kind::recur) return false;
    const std::vector<RecurrenceState>& states = g_[id].attributes.recurrence->states;
    return std::any_of(states.begin(), states.end(),
                       [&](const RecurrenceState& state) { return state.initial >= 0 && g_[id].inputs[at(state.initial)] == x; });
  }

  /// The first step in which all that the node needs is there: elements of the same number may come from the same step.
  int step_after_inputs(int id, std::int64_t count) const {
    int first = 0;
    for (const int x : g_[id].inputs) {
      const int origin = made_.origin(x);
      const auto made = made_.step_of.find(origin);
      if (made == made_.step_of.end()) continue;
      const bool fits = origin == x && count > 0 && is_element_wise(g_, x) && count_of(x) == count && !is_start(id, x);
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
  const ir::Run run_;
  RowPlan made_;
};

}  // namespace

bool has_loops(const Graph& graph, const RowStep& step) {
  const auto is_loop = [&](int id) { return graph[id].op->kind == Kind::recur; };
  return step.form == Form::elements && std::any_of(step.nodes.begin(), step.nodes.end(), is_loop);
}

RowPlan plan_rows(const Graph& graph, const schedule::Stage& stage, ir::Run run) { return Planner(graph, stage, run).plan(); }

bool lies_in_place(const Graph& graph, int id) {
  const Kind kind = graph[id].op->kind;
  if (kind == Kind::window) return graph[graph[id].inputs[0]].type.shape.rank == 0;
  return kind == Kind::delay || kind == Kind::overlap_add;
}

/// Where elements do not meet: all values of the body have as many elements, or one that is the same for all of them.
bool is_separate_loop(const Graph& graph, int recur) {
  const Recurrence& recurrence = *graph[recur].attributes.recurrence;
  const Graph& body = *recurrence.body;
  const std::int64_t count = schedule::loop_elements(graph, recur);
  if (count == 1) return false;
  const auto fits = [&](int id) { return elements_of(body, id) == count; };
  for (const RecurrenceState& state : recurrence.states) {
    if (state.form != RecurrenceState::Form::cell || !fits(state.node) || !fits(state.next)) return false;
  }
  if (!std::all_of(recurrence.results.begin(), recurrence.results.end(), fits)) return false;
  for (int id = 0; id < body.size(); ++id) {
    const Kind kind = body[id].op->kind;
    const bool given = kind == Kind::argument || kind == Kind::constant || kind == Kind::state || kind == Kind::tensor;
    if (!fits(id) && elements_of(body, id) != 1) return false;
    if (!given && !is_element_wise(body, id)) return false;
  }
  return true;
}

bool is_full_sum(const Graph& graph, int id) {
  return graph[id].op->kind == Kind::contract && elements_of(graph, id) == 1 && elements_of(graph, graph[id].inputs[0]) > 1;
}

bool transforms_across(const Graph& graph, int id) {
  constexpr std::int64_t longest = 256;  // what 16 of them work in stays in the first-level cache
  const Node& node = graph[id];
  const std::int32_t ticks_apart = node.type.clock == Clock::hop ? node.type.hop : 1;
  return node.op->kind == Kind::fft && moves(node.type) && ticks_apart <= side_by_side && node.attributes.size <= longest;
}

bool is_element_wise(const Graph& graph, int id) { return form_of(graph, id) == Form::elements; }

}  // namespace dgen::lower

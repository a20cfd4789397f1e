#include "schedule/device_supported.h"

#include <algorithm>

#include "base/index.h"
#include "dgen/error.h"
#include "graph/describe.h"
#include "schedule/phase.h"
#include "schedule/row_nodes.h"

namespace dgen::schedule {

namespace {

[[noreturn]] void refuse(const Graph& graph, int id, const std::string& why) {
  throw Error(ErrorCode::bad_type,
              describe(graph, id) + " is " + to_string(graph[id].type) + "; devices " + why + ", the cpu back end takes it");
}

/// Whether every element is a loop by itself: values have as many elements as the states, or one that is the same for all.
bool elements_are_apart(const Graph& graph, int recur) {
  const Recurrence& recurrence = *graph[recur].attributes.recurrence;
  const Graph& body = *recurrence.body;
  const std::int64_t count = loop_elements(graph, recur);
  const auto has = [&](int id, std::int64_t elements) { return body[id].type.shape.elements() == elements; };
  const bool cells = std::ranges::all_of(recurrence.states, [&](const RecurrenceState& state) {
    return state.form == RecurrenceState::Form::cell && has(state.node, count) && has(state.next, count);
  });
  if (!cells || !std::ranges::all_of(recurrence.results, [&](int id) { return has(id, count); })) return false;
  for (int id = 0; id < body.size(); ++id) {
    const Kind kind = body[id].op->kind;
    const bool given = kind == Kind::argument || kind == Kind::constant || kind == Kind::state || kind == Kind::tensor;
    const bool by_element = kind == Kind::pointwise || kind == Kind::expand || kind == Kind::reshape || kind == Kind::contract;
    if (!(has(id, count) || has(id, 1)) || !(given || by_element)) return false;
    if (given || has(id, count)) continue;
    if (!std::ranges::all_of(body[id].inputs, [&](int x) { return has(x, 1); })) return false;  // a sum of elements
  }
  return true;
}

void check_loop(const Graph& graph, int recur) {
  if (!is_shaped_loop(graph, recur) || is_steady_row(graph, recur) || elements_are_apart(graph, recur)) return;
  throw Error(ErrorCode::bad_type, describe(graph, recur) +
                                       " is a loop over tensors in which elements meet, or that holds a delay line or table; "
                                       "devices run loops whose elements are apart, the cpu back end takes it");
}

/// What is kept of the past is computed per frame, or per tick.
void check_past(const Graph& graph, int id) {
  const Kind kind = graph[id].op->kind;
  const int x = graph[id].inputs[0];
  const bool rests = !moves(graph[x].type);
  if ((kind == Kind::window || kind == Kind::delay) && rests && graph[x].type.shape.rank > 0)
    refuse(graph, id, "keep no past of values with shapes that rest");
  if ((kind == Kind::hold || kind == Kind::overlap_add) && rests) refuse(graph, id, "lay down values that move only");
}

}  // namespace

bool is_steady_row(const Graph& graph, int recur) {
  const auto phase = row_phase(graph, recur);
  return phase && has_known_steps(graph, *phase);
}

void check_device_supported(const Graph& graph, ir::Run run) {
  for (int id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    const Kind kind = node.op->kind;
    if (kind == Kind::recur) check_loop(graph, id);
    if (kind == Kind::window || kind == Kind::delay || kind == Kind::hold || kind == Kind::overlap_add) check_past(graph, id);
  }
  for (const Output& output : graph.outputs()) {
    const Type& type = graph[output.node].type;
    if (run == ir::Run::stream && (type.shape.rank > 0 || type.clock == Clock::hop))
      refuse(graph, output.node, "give one number a frame");
  }
}

}  // namespace dgen::schedule

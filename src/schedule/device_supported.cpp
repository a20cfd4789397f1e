#include "schedule/device_supported.h"

#include <algorithm>

#include "base/index.h"
#include "dgen/error.h"
#include "graph/describe.h"
#include "graph/tensor_elements.h"
#include "schedule/phase.h"
#include "schedule/row_nodes.h"

namespace dgen::schedule {

namespace {

[[noreturn]] void refuse(const Graph& graph, int id, const std::string& why) {
  throw Error(ErrorCode::bad_type,
              describe(graph, id) + " is " + to_string(graph[id].type) + "; devices " + why + ", the cpu back end takes it");
}

/// Loops over values with shapes keep cells and delay lines of numbers, and compute what has elements.
void check_loop(const Graph& graph, int recur) {
  if (!is_shaped_loop(graph, recur)) return;
  const Recurrence& recurrence = *graph[recur].attributes.recurrence;
  for (const RecurrenceState& state : recurrence.states) {
    if (state.form != RecurrenceState::Form::table) continue;
    throw Error(ErrorCode::bad_type, describe(graph, recur) + ": a loop over tensors writes the table " + state.name +
                                         "; compiled code has histories and delay lines only there, the interpreter takes it");
  }
  for (const Node& node : recurrence.body->nodes()) {
    const Kind kind = node.op->kind;
    const bool given = kind == Kind::constant || kind == Kind::tensor || kind == Kind::argument || kind == Kind::state;
    const bool moved = kind == Kind::expand || kind == Kind::contract || kind == Kind::reshape || kind == Kind::linear ||
                       kind == Kind::outer || kind == Kind::line_read;
    if (given || moved || kind == Kind::pointwise || has_tensor_elements(kind)) continue;
    throw Error(ErrorCode::bad_type, describe(graph, recur) + ": a loop over tensors contains " + std::string(node.op->name) +
                                         ", which compiled code has outside of loops only; the interpreter takes it");
  }
}

}  // namespace

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

bool is_steady_row(const Graph& graph, int recur) {
  const auto phase = row_phase(graph, recur);
  return phase && has_known_steps(graph, *phase);
}

void check_device_supported(const Graph& graph, ir::Run run) {
  for (int id = 0; id < graph.size(); ++id) {
    if (graph[id].op->kind == Kind::recur) check_loop(graph, id);
  }
  for (const Output& output : graph.outputs()) {
    const Type& type = graph[output.node].type;
    if (run == ir::Run::stream && (type.shape.rank > 0 || type.clock == Clock::hop))
      refuse(graph, output.node, "give one number a frame");
  }
}

}  // namespace dgen::schedule

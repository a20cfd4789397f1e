#include "schedule/check_supported.h"

#include "dgen/error.h"
#include "graph/describe.h"
#include "graph/tensor_elements.h"
#include "schedule/row_nodes.h"

namespace dgen::schedule {

namespace {

[[noreturn]] void refuse(const Graph& graph, int id, const char* why) {
  throw Error(ErrorCode::bad_type,
              describe(graph, id) + " is " + to_string(graph[id].type) + "; " + why + ", the interpreter takes it");
}

/// Whether the matrix of a product in the body of a loop is a constant or a control value.
bool has_resting_matrix(const Graph& graph, int recur, const Node& linear) {
  const Node& inner = (*graph[recur].attributes.recurrence->body)[linear.inputs[1]];
  if (inner.op->kind != Kind::argument) return inner.op->kind == Kind::tensor;
  return !moves(graph[graph[recur].inputs[static_cast<std::size_t>(inner.attributes.size)]].type);
}

/// Loops over values with shapes keep cells and delay lines of numbers, and compute what has elements.
void check_loop(const Graph& graph, int recur) {
  const Recurrence& recurrence = *graph[recur].attributes.recurrence;
  for (const RecurrenceState& state : recurrence.states) {
    if (state.form != RecurrenceState::Form::table) continue;
    throw Error(ErrorCode::bad_type, describe(graph, recur) + ": a loop over tensors writes the table " + state.name +
                                         "; compiled code has histories and delay lines only there, the interpreter takes it");
  }
  for (const Node& node : recurrence.body->nodes()) {
    const Kind kind = node.op->kind;
    const bool known = kind == Kind::pointwise || kind == Kind::constant || kind == Kind::tensor || kind == Kind::argument ||
                       kind == Kind::state || kind == Kind::line_read || kind == Kind::expand || kind == Kind::contract ||
                       kind == Kind::reshape || has_tensor_elements(kind);
    if (known || (kind == Kind::linear && has_resting_matrix(graph, recur, node))) continue;
    throw Error(ErrorCode::bad_type, describe(graph, recur) + ": a loop over tensors contains " + std::string(node.op->name) +
                                         ", which compiled code has outside of loops only; the interpreter takes it");
  }
}

}  // namespace

void check_supported(const Graph& graph) {
  for (int id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    if (node.op->kind == Kind::recur && is_shaped_loop(graph, id)) check_loop(graph, id);
    if (node.type.dtype != DType::signal || node.op->kind == Kind::tensor || is_stack(graph, id)) continue;
    if (node.op->kind == Kind::linear && moves(graph[node.inputs[1]].type))
      refuse(graph, node.inputs[1], "compiled code multiplies by constants and control values only");
  }
}

}  // namespace dgen::schedule

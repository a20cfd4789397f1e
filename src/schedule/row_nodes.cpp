#include "schedule/row_nodes.h"

#include <algorithm>

#include "passes/batch_isomorphic.h"

namespace dgen::schedule {

namespace {

bool is_shaped_frame(const Type& type) {
  return type.dtype == DType::signal && type.clock == Clock::frame && type.shape.rank > 0;
}

}  // namespace

bool is_shaped_loop(const Graph& graph, int recur) {
  const Graph& body = *graph[recur].attributes.recurrence->body;
  return std::any_of(body.nodes().begin(), body.nodes().end(), [](const Node& node) { return node.type.shape.rank > 0; });
}

std::int64_t loop_elements(const Graph& graph, int recur) {
  const Recurrence& recurrence = *graph[recur].attributes.recurrence;
  return (*recurrence.body)[recurrence.states.front().next].type.shape.elements();
}

bool is_stack(const Graph& graph, int id) {
  return graph[id].op->kind == Kind::view && graph[id].attributes.name == passes::batch_name;
}

bool runs_on_rows(const Graph& graph, int id) {
  const Node& node = graph[id];
  const Kind kind = node.op->kind;
  if (kind == Kind::hold) return true;
  if (kind == Kind::overlap_add) return node.type.shape.rank > 0;
  if (kind == Kind::recur) return is_shaped_loop(graph, id);
  if (kind == Kind::result) return is_shaped_loop(graph, node.inputs[0]);
  if (node.type.dtype != DType::signal) return false;
  if (kind != Kind::reduce && (node.type.clock == Clock::hop || is_shaped_frame(node.type))) return true;
  return std::any_of(node.inputs.begin(), node.inputs.end(), [&](int x) {
    const Type& type = graph[x].type;
    return is_shaped_frame(type) || (kind == Kind::reduce && type.clock == Clock::hop);
  });
}

std::int32_t row_hop(const Graph& graph, int id) {
  const Node& node = graph[id];
  if (node.op->kind == Kind::hold || node.op->kind == Kind::reduce) {
    const Type& below = graph[node.inputs[0]].type;
    return below.clock == Clock::hop ? below.hop : 1;
  }
  return node.type.clock == Clock::hop ? node.type.hop : 1;
}

}  // namespace dgen::schedule

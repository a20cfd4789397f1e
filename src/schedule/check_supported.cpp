#include "schedule/check_supported.h"

#include "dgen/error.h"
#include "graph/describe.h"
#include "graph/tensor_elements.h"

namespace dgen::schedule {

namespace {

[[noreturn]] void refuse(const Graph& graph, int id, const char* why) {
  throw Error(ErrorCode::bad_type,
              describe(graph, id) + " is " + to_string(graph[id].type) + "; " + why + ", the interpreter takes it");
}

}  // namespace

void check_supported(const Graph& graph) {
  for (int id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    if (node.type.dtype != DType::signal || node.op->kind == Kind::tensor) continue;
    if (node.type.shape.rank > 0 && node.type.clock == Clock::frame)
      refuse(graph, id, "compiled code has tensors on hop and control clocks only");
    if (has_tensor_elements(node.op->kind)) refuse(graph, id, "compiled code does not compute it");
    if (node.op->kind == Kind::linear && moves(graph[node.inputs[1]].type))
      refuse(graph, node.inputs[1], "compiled code multiplies by constants and control values only");
  }
}

}  // namespace dgen::schedule

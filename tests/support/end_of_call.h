#pragma once
// Values that are known at the end of a call only: losses. They have a segment, but no stream.

#include "dgen/graph.h"

namespace dgen::testing {

inline bool known_at_the_end(const Graph& graph, Signal value) {
  const Node& node = graph[value.id];
  if (node.op->kind == Kind::reduce) return true;
  if (node.type.clock > Clock::control) return false;
  for (const int id : node.inputs) {
    if (known_at_the_end(graph, {value.graph, id})) return true;
  }
  return false;
}

}  // namespace dgen::testing

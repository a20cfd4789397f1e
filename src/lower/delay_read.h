#pragma once
// What a read of the past reads.

#include <cstdint>

#include "dgen/graph.h"

namespace dgen::lower {

/// A node of kind delay or line_read takes node `of` as it was `least` … `most` frames before; how many, its second input says.
struct DelayRead {
  int of = -1;
  std::int64_t least = 0, most = 0;
};

inline DelayRead delay_read(const Graph& graph, int id) {
  const Node& node = graph[id];
  if (node.op->kind == Kind::delay) return {node.inputs[0], 0, node.attributes.size};
  const Node& line = graph[node.inputs[0]];
  return {line.feedback, 1, line.attributes.size};  // what a loop reads of itself is a frame old at least
}

}  // namespace dgen::lower

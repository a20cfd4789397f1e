#include "schedule/carried_delay.h"

#include <algorithm>
#include <cmath>

namespace dgen::schedule {

namespace {

constexpr std::int64_t most_carried = 2;  ///< each frame costs two moves of lanes

}  // namespace

std::int64_t constant_delay(const Graph& graph, int delay) {
  const Node& node = graph[delay];
  if (node.op->kind != Kind::delay || graph[node.inputs[1]].op->kind != Kind::constant) return -1;
  const double time = graph[node.inputs[1]].attributes.value;
  if (!(time >= 0)) return 0;
  return static_cast<std::int64_t>(std::min(std::floor(time), static_cast<double>(node.attributes.size)));
}

int carried_frames(const Graph& graph, int delay) {
  const Node& node = graph[delay];
  if (node.op->kind != Kind::delay || node.type.shape.rank > 0) return 0;
  const std::int64_t frames = constant_delay(graph, delay);
  return frames >= 1 && frames <= most_carried ? static_cast<int>(frames) : 0;
}

}  // namespace dgen::schedule

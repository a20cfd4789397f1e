#include "schedule/exact_rows.h"

#include <algorithm>

namespace dgen::schedule {

namespace {

constexpr std::int64_t most_elements = 256;  ///< longer rows, as of layers that learn, take a vector at a time

}  // namespace

bool runs_in_double(const Graph& graph, const Stage& stage) {
  if (stage.order != Order::control_rows || stage.nodes.empty()) return false;
  const std::int64_t count = graph[stage.nodes[0]].type.shape.elements();
  if (count < 2 || count > most_elements) return false;
  return std::all_of(stage.nodes.begin(), stage.nodes.end(), [&](int id) {
    const Shape& shape = graph[id].type.shape;
    const auto fits = [&](int x) { return graph[x].type.shape.rank == 0 || graph[x].type.shape == shape; };
    return graph[id].op->kind == Kind::pointwise && shape.elements() == count &&
           std::all_of(graph[id].inputs.begin(), graph[id].inputs.end(), fits);
  });
}

}  // namespace dgen::schedule

#include "graph/latency.h"

#include <algorithm>
#include <vector>

#include "base/index.h"
#include "graph/dependencies.h"
#include "graph/feedback.h"

namespace dgen {

namespace {

/// Of a value: as it stands, and once it will have been laid down by an overlap_add.
struct Late {
  std::int64_t here = 0, laid_down = 0;
};

Late latest(const Node& node, const std::vector<int>& inputs, const std::vector<Late>& late) {
  Late made;
  for (const int x : inputs) {
    made.here = std::max(made.here, late[at(x)].here);
    made.laid_down = std::max(made.laid_down, late[at(x)].laid_down);
  }
  if (node.op->kind == Kind::window) made.laid_down = made.here + node.attributes.size - 1;
  if (node.op->kind == Kind::overlap_add) made.here = made.laid_down;
  if (node.op->kind == Kind::overlap_add || node.op->kind == Kind::hold) made.laid_down = 0;
  return made;
}

}  // namespace

std::int64_t latency(const Graph& graph) {
  Edges edges(static_cast<std::size_t>(graph.size()));
  for (int id = 0; id < graph.size(); ++id) {
    edges[at(id)] = graph[id].inputs;
    if (graph[id].feedback >= 0) edges[at(id)].push_back(graph[id].feedback);
  }
  std::vector<int> place(edges.size());
  const std::vector<int> order = evaluation_order(graph);
  for (std::size_t k = 0; k < order.size(); ++k) place[at(order[k])] = static_cast<int>(k);
  std::vector<Late> late(edges.size());
  for (std::vector<int>& together : loops(edges)) {
    // In a loop what comes round is not there yet, and counts as not late: its first arrival counts.
    std::sort(together.begin(), together.end(), [&](int a, int b) { return place[at(a)] < place[at(b)]; });
    for (const int id : together) late[at(id)] = latest(graph[id], edges[at(id)], late);
  }
  std::int64_t most = 0;
  for (const Output& output : graph.outputs()) most = std::max(most, late[at(output.node)].here);
  return most;
}

}  // namespace dgen

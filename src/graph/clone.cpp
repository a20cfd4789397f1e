#include "graph/clone.h"

namespace dgen {

std::unique_ptr<Graph> clone(const Graph& graph) {
  auto copy = std::make_unique<Graph>();
  std::vector<int> made;
  std::vector<int> inputs;
  for (const Node& node : graph.nodes()) {
    inputs.clear();
    for (const int x : node.inputs) inputs.push_back(made[static_cast<std::size_t>(x)]);
    made.push_back(copy->copy(node, inputs).id);
  }
  const auto copied = [&](int id) { return Signal{copy.get(), made[static_cast<std::size_t>(id)]}; };
  for (int id = 0; id < graph.size(); ++id) {
    if (graph[id].feedback >= 0) copy->close(copied(id), copied(graph[id].feedback));
  }
  for (const Output& output : graph.outputs()) copy->leave(copied(output.node), output.name);
  return copy;
}

}  // namespace dgen

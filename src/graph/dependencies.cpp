#include "graph/dependencies.h"

#include <numeric>

#include "base/components.h"
#include "base/index.h"

namespace dgen {

Edges same_frame_edges(const Graph& graph) {
  Edges edges;
  for (const Node& node : graph.nodes()) {
    std::vector<int>& from = edges.emplace_back(node.inputs);
    if (node.op->kind == Kind::handle && node.feedback >= 0) from.push_back(node.feedback);
    if (node.op->kind != Kind::line_read) continue;
    const Node& line = graph[node.inputs[0]];
    if (line.op->kind == Kind::line && line.feedback >= 0) from.push_back(line.feedback);
  }
  return edges;
}

std::vector<std::vector<int>> loops(const Edges& edges) {
  std::vector<int> all(edges.size());
  std::iota(all.begin(), all.end(), 0);
  return strong_components(static_cast<int>(edges.size()), all, [&](int id) -> const std::vector<int>& { return edges[at(id)]; });
}

std::vector<bool> reads_in_loops(const Graph& graph, const Edges& edges) {
  std::vector<int> component(edges.size());
  int number = 0;
  for (const std::vector<int>& members : loops(edges)) {
    for (const int id : members) component[at(id)] = number;
    ++number;
  }
  std::vector<bool> reads(edges.size(), false);
  for (int id = 0; id < graph.size(); ++id) {
    if (graph[id].op->kind != Kind::line_read) continue;
    const Node& line = graph[graph[id].inputs[0]];
    reads[at(id)] = line.op->kind != Kind::line || (line.feedback >= 0 && component[at(id)] == component[at(line.feedback)]);
  }
  return reads;
}

void cut(const Graph& graph, const std::vector<bool>& reads, Edges& edges) {
  for (int id = 0; id < graph.size(); ++id)
    if (reads[at(id)]) edges[at(id)] = graph[id].inputs;
}

}  // namespace dgen

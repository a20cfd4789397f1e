#include "passes/reach.h"

#include "base/index.h"
#include "graph/sequence.h"

namespace dgen::passes {

namespace {

std::vector<bool> reach(const std::vector<std::vector<int>>& edges, std::vector<int> waiting) {
  std::vector<bool> reached(edges.size(), false);
  for (const int id : waiting) reached[at(id)] = true;
  while (!waiting.empty()) {
    const int id = waiting.back();
    waiting.pop_back();
    for (const int x : edges[at(id)]) {
      if (!reached[at(x)]) waiting.push_back(x);
      reached[at(x)] = true;
    }
  }
  return reached;
}

}  // namespace

std::vector<std::vector<int>> all_edges(const Graph& graph) {
  const std::vector<int> versions = table_versions(graph);
  std::vector<std::vector<int>> edges;
  for (int id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    std::vector<int>& from = edges.emplace_back(node.inputs);
    if (node.feedback >= 0) from.push_back(node.feedback);
    if (versions[at(id)] >= 0) from.push_back(versions[at(id)]);
  }
  return edges;
}

std::vector<bool> depends_on(const Graph& graph, std::span<const Signal> sources) {
  std::vector<std::vector<int>> users(at(graph.size()));
  const std::vector<std::vector<int>> edges = all_edges(graph);
  for (int id = 0; id < graph.size(); ++id) {
    for (const int x : edges[at(id)]) users[at(x)].push_back(id);
  }
  std::vector<int> from;
  for (const Signal source : sources) from.push_back(source.id);
  return reach(users, from);
}

std::vector<bool> nodes_between(const Graph& graph, std::span<const Signal> sources, Signal target) {
  std::vector<bool> between = depends_on(graph, sources);
  const std::vector<bool> needed = reach(all_edges(graph), {target.id});
  for (std::size_t id = 0; id < between.size(); ++id) between[id] = between[id] && needed[id];
  return between;
}

}  // namespace dgen::passes

#include "graph/sequence.h"

#include <utility>

#include "base/index.h"
#include "graph/dependencies.h"

namespace dgen {

namespace {

/// Adds `root` and what it depends on to `reached`; the nodes that are not there yet, `root` first.
std::vector<int> reach(const Edges& edges, int root, std::vector<bool>& reached) {
  std::vector<int> fresh;
  if (reached[at(root)]) return fresh;
  reached[at(root)] = true;
  fresh.push_back(root);
  for (std::size_t k = 0; k < fresh.size(); ++k) {
    for (const int target : edges[at(fresh[k])]) {
      if (reached[at(target)]) continue;
      reached[at(target)] = true;
      fresh.push_back(target);
    }
  }
  return fresh;
}

/// How many writes lead to a version.
int writes_before(const Graph& graph, int version) {
  int count = 0;
  for (; graph[version].op->kind == Kind::scatter; version = table_version(graph, graph[version].inputs[0])) ++count;
  return count;
}

/// The later of two versions of a table; of unordered ones, the one made later.
int later(const Graph& graph, int a, int b) {
  return std::pair(writes_before(graph, a), a) < std::pair(writes_before(graph, b), b) ? b : a;
}

/// Gives the gathers that `sequence` orders the versions they read.
void follow_sequence(const Graph& graph, const Edges& edges, const Node& sequence, std::vector<int>& versions) {
  std::vector<bool> reached(edges.size(), false);
  std::vector<int> latest(edges.size(), -1);  // of each table, among the writes of earlier arguments
  for (const int argument : sequence.inputs) {
    const std::vector<int> fresh = reach(edges, argument, reached);
    for (const int id : fresh) {
      if (graph[id].op->kind != Kind::gather) continue;
      const int table = table_version(graph, graph[id].inputs[0]);
      if (graph[table].op->kind == Kind::table && latest[at(table)] >= 0)
        versions[at(id)] = later(graph, versions[at(id)], latest[at(table)]);
    }
    for (const int id : fresh) {
      if (graph[id].op->kind != Kind::scatter) continue;
      int& version = latest[at(table_of(graph, id))];
      version = version < 0 ? id : later(graph, version, id);
    }
  }
}

}  // namespace

int table_version(const Graph& graph, int id) {
  while (graph[id].op->kind == Kind::sequence) id = graph[id].inputs.back();
  return id;
}

int table_of(const Graph& graph, int version) {
  version = table_version(graph, version);
  while (graph[version].op->kind == Kind::scatter) version = table_version(graph, graph[version].inputs[0]);
  return version;
}

std::vector<int> table_versions(const Graph& graph) {
  std::vector<int> versions(at(graph.size()), -1);
  bool ordered = false;
  for (int id = 0; id < graph.size(); ++id) {
    if (graph[id].op->kind == Kind::gather) versions[at(id)] = table_version(graph, graph[id].inputs[0]);
    ordered = ordered || graph[id].op->kind == Kind::sequence;
  }
  if (!ordered) return versions;
  Edges edges = same_frame_edges(graph);
  cut(graph, reads_in_loops(graph, edges), edges);
  for (const Node& node : graph.nodes())
    if (node.op->kind == Kind::sequence) follow_sequence(graph, edges, node, versions);
  return versions;
}

}  // namespace dgen

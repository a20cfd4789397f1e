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

bool has_derivative(const Node& node, std::size_t input) {
  if (node.op->zero_derivative) return false;
  if (node.op->choice || node.op->stated_gradient) return input > 0;  // the condition; the value that is passed on
  switch (node.op->kind) {
    case Kind::delay:
    case Kind::line_read:
    case Kind::gather:
    case Kind::take:
    case Kind::scatter_add:
    case Kind::scatter: return input != 1;  // whole frames, whole elements
    case Kind::sequence: return input + 1 == node.inputs.size();
    case Kind::pointwise:
    case Kind::cell:
    case Kind::reduce:
    case Kind::constant:
    case Kind::param:
    case Kind::input:
    case Kind::sample_rate:
    case Kind::frame_index:
    case Kind::noise:
    case Kind::table:
    case Kind::line:
    case Kind::handle:
    case Kind::recur:
    case Kind::result:
    case Kind::state:
    case Kind::argument:
    case Kind::tensor:
    case Kind::window:
    case Kind::overlap_add:
    case Kind::hold:
    case Kind::expand:
    case Kind::contract:
    case Kind::reshape:
    case Kind::outer:
    case Kind::linear:
    case Kind::view:
    case Kind::view_sum:
    case Kind::matmul:
    case Kind::cumulate:
    case Kind::extremum:
    case Kind::fft:
    case Kind::composite: break;
  }
  return true;
}

std::vector<std::vector<int>> derivative_edges(const Graph& graph) {
  std::vector<std::vector<int>> edges = all_edges(graph);
  for (int id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    std::vector<int> kept;
    for (std::size_t k = 0; k < edges[at(id)].size(); ++k) {
      if (k >= node.inputs.size() || has_derivative(node, k)) kept.push_back(edges[at(id)][k]);
    }
    edges[at(id)] = std::move(kept);
  }
  return edges;
}

std::vector<bool> reached_from(const std::vector<std::vector<int>>& edges, std::span<const Signal> sources) {
  std::vector<std::vector<int>> users(edges.size());
  for (std::size_t id = 0; id < edges.size(); ++id) {
    for (const int x : edges[id]) users[at(x)].push_back(static_cast<int>(id));
  }
  std::vector<int> from;
  for (const Signal source : sources) from.push_back(source.id);
  return reach(users, from);
}

std::vector<bool> nodes_between(const std::vector<std::vector<int>>& edges, std::span<const Signal> sources, Signal target) {
  std::vector<bool> between = reached_from(edges, sources);
  const std::vector<bool> needed = reach(edges, {target.id});
  for (std::size_t id = 0; id < between.size(); ++id) between[id] = between[id] && needed[id];
  return between;
}

}  // namespace dgen::passes

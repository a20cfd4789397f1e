#include "base/min_cut.h"

#include <algorithm>

#include "base/index.h"

namespace dgen {

namespace {

constexpr int source = 0, sink = 1;

}  // namespace

int MinCut::add_node() {
  edges_of_.emplace_back();
  return static_cast<int>(edges_of_.size()) - 1;
}

void MinCut::add_edge(int from, int to, std::int64_t capacity) {
  edges_of_[at(from)].push_back(static_cast<int>(edges_.size()));
  edges_.push_back({to, capacity});
  edges_of_[at(to)].push_back(static_cast<int>(edges_.size()));
  edges_.push_back({from, 0});
}

bool MinCut::find_distances() {
  distance_.assign(edges_of_.size(), -1);
  distance_[source] = 0;
  std::vector<int> waiting{source};
  for (std::size_t k = 0; k < waiting.size(); ++k) {
    for (const int e : edges_of_[at(waiting[k])]) {
      const Edge& edge = edges_[at(e)];
      if (edge.left == 0 || distance_[at(edge.to)] >= 0) continue;
      distance_[at(edge.to)] = distance_[at(waiting[k])] + 1;
      waiting.push_back(edge.to);
    }
  }
  return distance_[sink] >= 0;
}

/// Sends flow along one shortest way that has room. Without recursion: ways may be as long as the graph.
std::int64_t MinCut::push() {
  std::vector<int> way;  // edges
  for (int node = source; node != sink;) {
    std::size_t& k = tried_[at(node)];
    const std::vector<int>& edges = edges_of_[at(node)];
    while (k < edges.size() &&
           (edges_[at(edges[k])].left == 0 || distance_[at(edges_[at(edges[k])].to)] != distance_[at(node)] + 1))
      ++k;
    if (k < edges.size()) {
      way.push_back(edges[k]);
      node = edges_[at(edges[k])].to;
      continue;
    }
    if (way.empty()) return 0;
    node = edges_[at(way.back() ^ 1)].to;  // a dead end: back, and on to the next edge
    way.pop_back();
    ++tried_[at(node)];
  }
  std::int64_t most = unlimited;
  for (const int e : way) most = std::min(most, edges_[at(e)].left);
  for (const int e : way) {
    edges_[at(e)].left -= most;
    edges_[at(e ^ 1)].left += most;
  }
  return most;
}

std::vector<bool> MinCut::source_side() {
  while (find_distances()) {
    tried_.assign(edges_of_.size(), 0);
    while (push() > 0) {
    }
  }
  std::vector<bool> side;
  for (const int d : distance_) side.push_back(d >= 0);
  return side;
}

}  // namespace dgen

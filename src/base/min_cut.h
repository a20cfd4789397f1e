#pragma once
// The cheapest way to part a directed graph in two.

#include <cstdint>
#include <vector>

namespace dgen {

/// A network of capacities. Node 0 is the source, node 1 the sink; further nodes are made by `add_node`.
class MinCut {
 public:
  static constexpr std::int64_t unlimited = std::int64_t{1} << 50;

  MinCut() : edges_of_(2) {}
  int add_node();
  void add_edge(int from, int to, std::int64_t capacity);
  /// For each node whether it is on the source's side of a cut of least capacity; of several such cuts the one nearest to the
  /// source. Source: Dinic 1970.
  std::vector<bool> source_side();

 private:
  struct Edge {
    int to = -1;
    std::int64_t left = 0;  ///< capacity that no flow takes; the edge back is the next or last one
  };
  bool find_distances();
  std::int64_t push();
  std::vector<Edge> edges_;
  std::vector<std::vector<int>> edges_of_;
  std::vector<int> distance_;
  std::vector<std::size_t> tried_;
};

}  // namespace dgen

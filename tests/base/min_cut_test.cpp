#include "base/min_cut.h"

#include <gtest/gtest.h>

#include <random>

namespace {

using dgen::MinCut;

struct Edge {
  int from, to;
  std::int64_t capacity;
};

/// The capacity of what leads from one side to the other.
std::int64_t capacity_of(const std::vector<Edge>& edges, const std::vector<bool>& side) {
  std::int64_t sum = 0;
  for (const Edge& e : edges)
    sum += side[static_cast<std::size_t>(e.from)] && !side[static_cast<std::size_t>(e.to)] ? e.capacity : 0;
  return sum;
}

TEST(MinCut, IsTheLeastOfAll) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 200; ++trial) {
    constexpr unsigned count = 8;
    MinCut network;
    for (unsigned k = 2; k < count; ++k) network.add_node();
    std::vector<Edge> edges;
    for (int k = 0; k < 22; ++k) {
      const auto from = static_cast<int>(random() % count), to = static_cast<int>(random() % count);
      if (from == to) continue;
      edges.push_back({from, to, static_cast<std::int64_t>(random() % 20)});
      network.add_edge(from, to, edges.back().capacity);
    }
    std::int64_t least = MinCut::unlimited;
    for (unsigned choice = 0; choice < (1u << count); ++choice) {
      if (!(choice & 1) || (choice & 2)) continue;  // the source is on its side, the sink is not
      std::vector<bool> side;
      for (unsigned k = 0; k < count; ++k) side.push_back(choice >> k & 1);
      least = std::min(least, capacity_of(edges, side));
    }
    const std::vector<bool> side = network.source_side();
    EXPECT_TRUE(side[0]);
    EXPECT_FALSE(side[1]);
    EXPECT_EQ(capacity_of(edges, side), least) << "trial " << trial;
  }
}

TEST(MinCut, OfALongWayNeedsNoStack) {
  MinCut network;
  int last = 0;
  for (int k = 0; k < 100000; ++k) {
    const int next = network.add_node();
    network.add_edge(last, next, k == 70000 ? 1 : 5);
    last = next;
  }
  network.add_edge(last, 1, 5);
  const std::vector<bool> side = network.source_side();
  EXPECT_TRUE(side[70001]);
  EXPECT_FALSE(side[70002]);
}

}  // namespace

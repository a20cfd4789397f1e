#pragma once
// Sums of delayed copies of one signal, each times a number that rests: FIR filters, found by what a graph computes.

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "dgen/graph.h"

namespace dgen::schedule {

/// A signal of which no delay is longer keeps its past so that a sub-block and all its delays lie in one piece.
inline constexpr std::int64_t longest_reach = 1024;

/// Taps of one signal at the delays first, first + 1, …
struct TapRun {
  struct Tap {
    int coefficient = -1;  ///< a constant or control node; -1: 1
    bool negative = false;
  };
  int source = -1;
  std::int64_t first = 0;  ///< frames
  std::vector<Tap> taps;
};

/// What a sum is made of: runs of taps, and the other terms.
struct TapSum {
  struct Term {
    int node = -1;
    bool negative = false;
  };
  std::vector<TapRun> runs;
  std::vector<Term> rest;
};

/// Every sum of the graph with at least `fewest_taps` neighbouring taps, by its node.
struct TapSums {
  std::map<int, TapSum> sums;
  std::set<int> absorbed;  ///< nodes that serve nothing but those sums: nobody computes them
};

inline constexpr std::size_t fewest_taps = 16;

TapSums find_tap_sums(const Graph& graph);

}  // namespace dgen::schedule

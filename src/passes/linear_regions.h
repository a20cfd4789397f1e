#pragma once
// Which time-invariant scans of a graph, with the arithmetic between them, are one linear system that is worth to run as one.

#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// Scans and the linear nodes between them, from one signal to few.
struct LinearRegion {
  std::vector<int> scans;    ///< recur nodes, ascending
  int signal = -1;           ///< all else that changes per frame in it comes from this node
  std::vector<int> nodes;    ///< results of the scans, and pointwise nodes linear in them and the signal; ascending
  std::vector<int> outputs;  ///< those of `nodes` that others read and that depend on a scan; ascending
};

/// The regions of a graph that `find_scans` made. No two share a scan; none depends on itself through other nodes.
std::vector<LinearRegion> linear_regions(const Graph& graph);

}  // namespace dgen::passes

#pragma once
// Pass: one patch with one set of parameters becomes many, along a leading axis.

#include <span>
#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

struct CandidateLanes {
  std::unique_ptr<Graph> graph;
  std::vector<Signal> wanted;  ///< with the lanes in front; also what no parameter reaches
};

/// The graph of `wanted` with every parameter, and all that depends on one, along a leading axis of `lanes`: [lanes, ...]. What
/// depends on none stays one for all. `graph` is one as front ends make it, before close_loops.
/// Throws `Error` bad_type naming the node where what depends on a parameter is a delay line or table that is written in a loop,
/// a delay whose time differs from lane to lane, or a value of more than 6 dimensions with that of the lanes.
CandidateLanes candidate_lanes(const Graph& graph, std::span<const int> wanted, std::int32_t lanes);

}  // namespace dgen::passes

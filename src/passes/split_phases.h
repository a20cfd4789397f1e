#pragma once
// Pass: cuts a graph with gradients into phases that each run over a whole segment, forward or backward in time.

#include <memory>
#include <string>
#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// One run over the frames of a segment: an ordinary graph. Where `reversed`, its first frame is the segment's last, and
/// so are the frames of its inputs and outputs.
struct Phase {
  std::unique_ptr<Graph> graph;
  bool reversed = false;
  std::vector<int> inputs;   ///< by input channel: the node whose frames it takes, from an earlier phase or the host
  std::vector<int> outputs;  ///< by output: the node whose frames it gives
  std::vector<int> sums;     ///< the reduce nodes whose sums earlier phases gave: parameters `sum_name(node)`
};

/// A segment's computation. The last phase runs one frame: the numbers known at the end.
struct Phases {
  std::vector<Phase> phases;
  std::vector<int> reduced;  ///< by node: of a reduce, the node that it sums; else -1
};

/// Name of the parameter that carries the sum of reduce node `node` into later phases.
std::string sum_name(int node);

/// The phases that compute `wanted` (nodes). Frame signals are computed in the first phase of their direction in which
/// all they need is there; control values in every phase that uses them.
/// Throws `Error` loop_without_delay, bad_feedback.
Phases split_phases(const Graph& graph, std::span<const int> wanted);

}  // namespace dgen::passes

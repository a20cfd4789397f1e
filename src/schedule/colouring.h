#pragma once
// Which nodes run vectorised over frames and which frame by frame, and what that costs.

#include <cstdint>
#include <vector>

#include "dgen/graph.h"

namespace dgen::schedule {

enum class Colour : std::uint8_t {
  still,  ///< not computed per frame: constants, control values, tables, host inputs
  parallel,
  sequential,
  hop,  ///< once a tick of a hop clock
};

/// The choice the scheduler has: `colour` of every node; `free` nodes may be parallel or sequential.
struct Colouring {
  std::vector<Colour> colour;
  std::vector<bool> free;
};

/// Recurrences sequential (but phase accumulators of steady increment), everything else that changes per frame parallel;
/// pointwise work is free.
Colouring first_colouring(const Graph& graph);

/// The hops whose ticks something in the graph runs on, ascending.
std::vector<std::int32_t> hops_of(const Graph& graph);

/// What kind of stage number `stage` is, where a graph has `hops`: 0 parallel, 1 sequential, 2 … on the ticks of a hop.
int stage_class(int stage, std::size_t hops);

/// The stage that adds the frames of overlap_add `id` up.
int adding_stage(const Graph& graph, const std::vector<int>& stage, int id);

/// The stage that keeps the past of a still value `x`, such as a host input: the first of its class. (Hop 1, on which values
/// with shapes run, is the first hop.)
int filling_stage(const Graph& graph, int x);

/// The number of the stage each node runs in (-1: still): kinds of stages alternate (`stage_class`), and each node runs as
/// early as it can; what is `known_ahead` before all else. A delay or window runs after the stage that fills its ring.
std::vector<int> assign_stages(const Graph& graph, const std::vector<Colour>& colour);

/// The scheduler's objective, in scalar operations per frame: work outside vectors, work inside divided by the lanes,
/// loads and stores of what crosses stages, and the loops themselves.
double stage_cost(const Graph& graph, const std::vector<Colour>& colour, const std::vector<int>& stage);

/// The colouring of least cost among all choices of the free nodes. Exponential: at most 20 free nodes.
Colouring cheapest_colouring(const Graph& graph);

/// A colouring of low cost, by moving connected groups and single nodes while that helps.
Colouring greedy_colouring(const Graph& graph);

}  // namespace dgen::schedule

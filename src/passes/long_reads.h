#pragma once
// Which reads of delay lines cut their loops: as many frames as they go back can be computed before any of them is needed.

#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// Frames from which on a delay line may cut its loop; shorter ones run frame by frame.
inline constexpr std::int64_t long_line = 16;

struct LongReads {
  std::vector<bool> cut;       ///< by node: reads whose loop is cut
  std::vector<bool> measured;  ///< of those: at times that move, of which only the coming frames tell how short they become
};

/// A read of a line of at least `long_line` frames in its own loop is long where its time is of control clock, or moves but never
/// falls below `long_line`. With `measures` also where its time is computed outside of what it reads, so that the times of a
/// block of frames are there before the block.
/// alias, feedback_read: of `LoopAnalysis`.
LongReads find_long_reads(const Graph& graph, const std::vector<int>& alias, const std::vector<bool>& feedback_read,
                          bool measures);

}  // namespace dgen::passes

#pragma once
// What depends on what in a graph whose feedback is still written with cells, lines, tables and handles.

#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// Frames from which on a delay line that is read at a time of control rate, or at one that moves but never falls below
/// so many frames, cuts its loop: as many frames as the shortest read goes back can be computed before any of them is needed,
/// so that nothing has to loop.
inline constexpr std::int64_t long_line = 16;

struct LoopAnalysis {
  std::vector<int> alias;                    ///< handle, sequence: the node they stand for; others: themselves
  std::vector<bool> feedback_read;           ///< a line_read that its own line depends on within the frame
  std::vector<bool> long_read;               ///< a feedback_read of a time or bound known before the frames: see `long_line`
  std::vector<int> version;                  ///< gather: the table version it reads; others: -1
  std::vector<int> table;                    ///< table, gather, scatter: the table node; others: -1
  std::vector<std::vector<int>> edges;       ///< what a node depends on, in this frame or an earlier one; aliases resolved
  std::vector<std::vector<int>> same_frame;  ///< what must be computed before it within the frame
  std::vector<std::vector<int>> components;  ///< of what the outputs depend on, dependencies first
};

/// Throws `Error` loop_without_delay, bad_feedback.
LoopAnalysis analyse_loops(const Graph& graph);

}  // namespace dgen::passes

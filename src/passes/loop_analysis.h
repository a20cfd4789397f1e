#pragma once
// What depends on what in a graph whose feedback is still written with cells, lines, tables and handles.

#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

struct LoopAnalysis {
  std::vector<int> alias;                    ///< handle, sequence: the node they stand for; others: themselves
  std::vector<bool> feedback_read;           ///< a line_read that its own line depends on within the frame
  std::vector<bool> long_read;               ///< a feedback_read that cuts its loop: see `find_long_reads`
  std::vector<bool> measured_read;           ///< of those: at times that are measured
  std::vector<int> version;                  ///< gather: the table version it reads; others: -1
  std::vector<int> table;                    ///< table, gather, scatter: the table node; others: -1
  std::vector<std::vector<int>> edges;       ///< what a node depends on, in this frame or an earlier one; aliases resolved
  std::vector<std::vector<int>> same_frame;  ///< what must be computed before it within the frame
  std::vector<std::vector<int>> components;  ///< of what the outputs depend on, dependencies first
};

/// measures: whether times of delays may be measured over the frames to come.
/// Throws `Error` loop_without_delay, bad_feedback.
LoopAnalysis analyse_loops(const Graph& graph, bool measures);

}  // namespace dgen::passes

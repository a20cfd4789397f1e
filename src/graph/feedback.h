#pragma once
// The loops of a graph as the front ends write it: which reads of delay lines lie in a loop, and that time passes in
// every loop.

#include <vector>

#include "dgen/graph.h"

namespace dgen {

/// For each node whether it is a read of a delay line that depends, within one frame, on what the line remembers. Such a
/// read is at least 1 frame old; any other may be of the current frame.
std::vector<bool> feedback_reads(const Graph& graph);

/// Of a line_read outside any loop: the node that its time never falls below, of control clock. It is the time itself, or where
/// that moves the first input of the maximum that it is.
int least_time(const Graph& graph, int line_read);

/// Attributes::value of a line_read that `is_measured`.
inline constexpr double measured_mark = 1;

/// Of a line_read outside any loop: whether its time moves and only the frames to come tell how short it becomes; it has no
/// `least_time`. Its time depends on no such read.
bool is_measured(const Graph& graph, int line_read);

/// By node: what times of reads that are `is_measured` depend on within the frame, which runs ahead of all else. None where no
/// read is.
std::vector<bool> known_ahead(const Graph& graph);

/// Throws `Error` loop_without_delay, naming the nodes, where a node depends on itself within one frame; bad_feedback for a
/// handle that was never closed, a cell or line that is read but never closed, and a table closed with another table.
void check_loops(const Graph& graph);

/// All nodes, each after those whose value of the same frame it needs. Throws as `check_loops` does.
std::vector<int> evaluation_order(const Graph& graph);

}  // namespace dgen

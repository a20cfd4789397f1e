#pragma once
// Gradients as graph: the nodes that compute d(loss)/d(x), by backpropagation through time.

#include <span>
#include <string>
#include <vector>

#include "dgen/graph.h"

namespace dgen {

/// Mean of x over the frames of a call. Known at the end of the call: a loss, not a signal. x: [frames].
Signal time_mean(Signal x);

/// The derivatives of a loss, as nodes of its graph: ordinary nodes, so that they have gradients in turn.
struct Gradient {
  /// By element of `wrt`: d(loss)/d(wrt). Of a parameter or other control value: a number known at the end of the call;
  /// of a frame signal: one number a frame. Empty where no gradient reaches it.
  std::vector<Signal> of;
  /// By element of `wrt`: why no gradient reaches it; empty where one does.
  std::vector<std::string> why_none;
};

/// Adds the nodes of d(loss)/d(wrt[k]) to the graph of `loss`. The call is one segment: states carry forward, adjoints
/// start at zero behind its last frame. `loss`: a value of control clock, made by time_sum or time_mean. The graph is
/// written with cells, lines, tables and handles, all of them closed.
/// Throws `Error` bad_type where the loss is not one number, mixed_graphs, bad_feedback, loop_without_delay.
/// Source: Griewank and Walther 2008, reverse accumulation; the adjoint of a cell is a cell in reversed time.
Gradient gradient(Signal loss, std::span<const Signal> wrt);

}  // namespace dgen

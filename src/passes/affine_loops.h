#pragma once
// Pass: recurrences that are affine in their states, in the one form that runs as a scan.

#include <memory>
#include <optional>
#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// Most states of a recurrence that is brought into the form below.
inline constexpr std::size_t affine_states = 6;

/// Replaces every recurrence whose body is affine in its states, by what the body computes and not by what it is called, by
/// one that says so: next[k] = sum over j of matrix[k][j] state[j], plus offset[k], where matrix and offset are arguments
/// (see `AffineLoop`). All other work of the body comes to stand outside the loop. Loops of more than `scan_states` states
/// still run frame by frame, so that they are replaced only where the sums take less time than the body did. Loops with other
/// states than cells, with more than `affine_states` of them, or with an initial value that changes per frame stay as they are.
/// Source: Blelloch 1990, Prefix sums and their applications, section 1.4.1.
Rewritten affine_loops(const Graph& graph);

/// One element of a loop over values with shapes whose elements are apart, as next[k] = sum over j of matrix[k][j] state[j], plus
/// offset[k]: nodes of a graph of numbers. Its arguments are elements of the recur's inputs, then of the body's tensors.
struct AffineElement {
  std::unique_ptr<Graph> graph;
  std::vector<int> tensors{};  ///< body nodes
  std::vector<int> matrix{}, offset{};
};
/// None where the body is not affine in its states, or has more than `scan_states`, or other states than cells.
/// inputs: of the recur node.
std::optional<AffineElement> affine_element(const Recurrence& recurrence, std::size_t inputs);

}  // namespace dgen::passes

#pragma once
// The recurrences that `affine_loops` writes, recognised by their form.

#include <optional>
#include <vector>

#include "dgen/graph.h"

namespace dgen {

/// Most states of an affine recurrence that runs as a scan: what a step of the scan costs grows with their cube.
inline constexpr std::size_t scan_states = 2;

/// next[k] = sum over j of matrix[k * states + j] state[j] + offset[k]. Numbers are nodes of the outer graph.
struct AffineLoop {
  std::size_t states = 0;
  std::vector<int> matrix, offset, initial;
  /// By result of the recur: which state it is, and whether before or after this frame.
  struct Result {
    std::size_t state = 0;
    bool after = false;
  };
  std::vector<Result> results;
};

/// What `affine_loops` writes: arguments are the rows of the matrix, then the offsets, the initial values, and with more than
/// `scan_states` states where there are resets a signal that is not 0 in frames in which an entry may have been chosen to be 0:
/// then an infinite state ends there, too, which 0 times it would not.
std::shared_ptr<const Recurrence> affine_recurrence(const Recurrence& original, const Graph& outer, std::span<const int> inputs);

/// The loop, where recur node `recur` has that form and at most `scan_states` states.
std::optional<AffineLoop> affine_loop(const Graph& graph, int recur);

/// Whether an entry of a matrix that changes per frame may be chosen to be 0, as by a reset, which must end also a state that
/// is infinite. By entry; none where nothing changes per frame.
std::vector<bool> may_reset(const Graph& graph, const AffineLoop& loop);

/// Whether the matrix does not change within a call.
bool is_time_invariant(const Graph& graph, const AffineLoop& loop);

}  // namespace dgen

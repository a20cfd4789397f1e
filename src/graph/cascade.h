#pragma once
// Cascades: recurrences that `fuse_cascades` makes of several time-invariant filters and the arithmetic between them, so that
// they run as one linear system.

#include <optional>
#include <string_view>
#include <vector>

#include "dgen/graph.h"

namespace dgen {

/// Most states of a cascade: they fill a vector of the longest kind.
inline constexpr std::size_t cascade_states = 16;

/// Fewest sections that run skewed: all of them take as long as eight.
inline constexpr std::size_t least_skewed_sections = 3;

/// What a recur node that is a cascade carries as its name.
inline constexpr std::string_view cascade_name = "cascade";

/// A linear time-invariant system in sections, each a loop of one state or two that sections before it and one signal feed.
/// Everything in the body is linear in states and the signal, with coefficients that rest within a call; all states are 0 first.
struct Cascade {
  /// next[first + k] = sum over j of matrix[k * states + j] state[first + j] + offset[k]. Numbers are nodes of the body.
  struct Section {
    std::size_t first = 0, states = 1;
    std::vector<int> matrix, offset;
  };
  std::vector<Section> sections;
  std::size_t outputs = 0, arguments = 0;  ///< argument 0 is the signal, the others are coefficients
  std::size_t states = 0;
};

/// A cascade whose sections stand in a row: what a section takes is made of what the one before took and of its states only.
struct CascadeRow {
  std::vector<int> input;  ///< node of the body that each section takes; behind the last, the one result
};

/// The row that `system`, with body and results `recurrence`, is; none where sections stand side by side or several signals
/// leave.
std::optional<CascadeRow> cascade_row(const Recurrence& recurrence, const Cascade& system);

/// Whether a cascade runs skewed: each section a few frames behind the one before, all at once. That is where they stand
/// in a row, and enough of them to fill lanes.
bool runs_skewed(const Recurrence& recurrence, const Cascade& system);

/// The cascade that recur node `recur` is.
std::optional<Cascade> cascade(const Graph& graph, int recur);

}  // namespace dgen

#pragma once
// The map of a view as runs: neighbours that come from neighbours, or from one element.

#include <cstdint>
#include <span>
#include <vector>

namespace dgen::lower {

/// Elements to, to + 1, … of a view are elements from, from + step, … of an input. step: 1, or 0 for one element repeated.
struct ViewRun {
  std::int64_t to = 0, from = 0, length = 1;
  int step = 1;
};

struct ViewRuns {
  /// By input: its runs, those of equal length and step together.
  std::vector<std::vector<std::vector<ViewRun>>> of_input;
  bool gaps = false;  ///< elements that come from nowhere

  /// Whether runs are long enough to be worth vectors, and of few forms.
  bool by_vectors() const;
  bool is_one_form() const { return of_input.size() == 1 && of_input[0].size() == 1; }
};

/// The runs of a map into inputs of so many elements, laid one behind another.
ViewRuns view_runs(std::span<const std::int32_t> map, std::span<const std::int64_t> counts);

}  // namespace dgen::lower

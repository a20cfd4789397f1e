#include "lower/view_runs.h"

#include <algorithm>
#include <map>
#include <utility>

namespace dgen::lower {

bool ViewRuns::by_vectors() const {
  constexpr std::int64_t least = 4;
  constexpr std::size_t most_forms = 4;
  for (const auto& forms : of_input) {
    const auto is_short = [](const std::vector<ViewRun>& alike) { return alike.size() > 1 && alike[0].length < least; };
    if (forms.size() > most_forms || std::any_of(forms.begin(), forms.end(), is_short)) return false;
  }
  return true;
}

ViewRuns view_runs(std::span<const std::int32_t> map, std::span<const std::int64_t> counts) {
  std::vector<std::int64_t> ends;
  for (const std::int64_t count : counts) ends.push_back((ends.empty() ? 0 : ends.back()) + count);
  std::vector<std::map<std::pair<std::int64_t, int>, std::vector<ViewRun>>> found(counts.size());
  ViewRuns made;
  for (std::size_t e = 0; e < map.size();) {
    if (map[e] < 0) {
      made.gaps = true;
      ++e;
      continue;
    }
    const auto input = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), map[e]) - ends.begin());
    const std::int64_t first = input == 0 ? 0 : ends[input - 1];
    std::size_t end = e + 1;
    const int step = end < map.size() && map[end] == map[e] ? 0 : 1;
    while (end < map.size() && map[end] == map[end - 1] + step && map[end] < ends[input]) ++end;
    const ViewRun run{static_cast<std::int64_t>(e), map[e] - first, static_cast<std::int64_t>(end - e), step};
    found[input][{run.length, run.length == 1 ? 1 : step}].push_back(run);
    e = end;
  }
  for (const auto& forms : found) {
    made.of_input.emplace_back();
    for (const auto& [form, runs] : forms) made.of_input.back().push_back(runs);
  }
  return made;
}

}  // namespace dgen::lower

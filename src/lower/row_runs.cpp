#include "lower/row_runs.h"

#include "base/index.h"

namespace dgen::lower {

std::optional<Runs> runs_of(const Shape& smaller, const Shape& larger) {
  Runs made;
  int axis = larger.rank - 1;
  const auto here = [&] { return static_cast<std::int64_t>(larger.extent[at(axis)]); };
  const auto kept = [&] {
    const int own = axis - (larger.rank - smaller.rank);
    return (own < 0 ? 1 : smaller.extent[at(own)]) == here();
  };
  for (; axis >= 0 && kept(); --axis) made.inner *= here();
  for (; axis >= 0 && (!kept() || here() == 1); --axis) made.times *= here();
  for (; axis >= 0 && kept(); --axis) made.lead *= here();
  return axis < 0 ? std::optional(made) : std::nullopt;
}

}  // namespace dgen::lower

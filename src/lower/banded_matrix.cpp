#include "lower/banded_matrix.h"

#include <algorithm>

#include "ir/ir.h"

namespace dgen::lower {

std::optional<BandedMatrix> banded(const std::vector<double>& matrix, std::int64_t inputs) {
  const std::int64_t width = static_cast<std::int64_t>(matrix.size()) / inputs;
  BandedMatrix made;
  std::int64_t rows = 0;
  for (std::int64_t group = 0; group < width; group += ir::padding) {
    const auto row_of = [&](std::int64_t input) { return matrix.begin() + input * width + group; };
    const auto is_zero = [&](std::int64_t input) {
      return std::all_of(row_of(input), row_of(input) + ir::padding, [](double weight) { return weight == 0; });
    };
    std::int64_t first = 0, last = inputs;
    while (first < last && is_zero(first)) ++first;
    while (first < last && is_zero(last - 1)) --last;
    made.first.push_back(first), made.last.push_back(last), made.row.push_back(rows - first);
    for (std::int64_t input = first; input < last; ++input)
      made.weights.insert(made.weights.end(), row_of(input), row_of(input) + ir::padding);
    rows += last - first;
  }
  const std::int64_t products = rows * ir::padding, all = inputs * width;
  if (4 * products > 3 * all) return std::nullopt;
  return made;
}

}  // namespace dgen::lower

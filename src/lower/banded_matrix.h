#pragma once
// Constant matrices that are mostly 0, such as mel filters: for a vector of outputs only the run of inputs that any of them
// takes is kept and read.

#include <cstdint>
#include <optional>
#include <vector>

namespace dgen::lower {

/// A matrix by groups of `ir::padding` outputs.
struct BandedMatrix {
  std::vector<std::int64_t> first, last;  ///< by group: inputs first … last - 1 have weights that are not 0
  std::vector<std::int64_t> row;          ///< by group: which row of `weights` would be that of input 0
  std::vector<double> weights;            ///< a row of `ir::padding` outputs for each input of each group, group after group
};

/// Constants of i32: `first`, `last` and `row` of a banded matrix.
struct Bands {
  int first = -1, last = -1, row = -1;
};

/// The same as runs; none where less than a quarter of the products falls away. matrix: for each input a row of outputs,
/// padded with 0 to a multiple of `ir::padding`.
std::optional<BandedMatrix> banded(const std::vector<double>& matrix, std::int64_t inputs);

}  // namespace dgen::lower

#pragma once
// Equal parts of a patch, such as the modes of a bank or the voices of a synthesiser written out one by one, become one
// part over a vector.

#include "passes/rewrite.h"

namespace dgen::passes {

/// Where a sum has at least 8 terms of one structure (the same ops, of other constants, parameters and loops of their own)
/// among which are loops that would run one by one, the graph with the sum of one such term over vectors of as many elements.
/// For a graph that `find_scans` made.
Rewritten batch_isomorphic(const Graph& graph);

/// Name of the sum over a batch, and of the rows of numbers it takes.
inline constexpr std::string_view batch_name = "batch";

}  // namespace dgen::passes

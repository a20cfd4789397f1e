#pragma once
// Affine loops of rows in coordinates that keep poles near 1 apart from 1.

#include <vector>

#include "graph/affine_loop.h"

namespace dgen::passes {

/// Coefficients of an affine loop, each a number or a row of numbers, for as many loops side by side.
struct LoopRows {
  std::vector<Signal> matrix, offset, initial;  ///< as in AffineLoop
};

/// The recurrence over rows of `shape` that computes the loops, and its inputs, of graph `out`. Of two states it keeps a value u
/// and the difference v to the second: u' = u + a u + b v + x and v' = v + c u + d v + y. Coefficients are sums of those of the
/// matrix.
struct TurnedLoop {
  std::shared_ptr<const Recurrence> recurrence;
  std::vector<Signal> inputs;
};
TurnedLoop turned_loop(Graph& out, const Recurrence& original, const AffineLoop& loop, const LoopRows& rows, const Shape& shape);

/// A constant as a row of it, for states to begin with.
Signal as_row(Graph& out, Signal initial, const Shape& shape);

}  // namespace dgen::passes

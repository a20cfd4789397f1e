#pragma once
// Affine loops of rows in coordinates that keep poles near 1 apart from 1.

#include <memory>
#include <string_view>
#include <vector>

#include "graph/affine_loop.h"

namespace dgen::passes {

/// Coefficients of an affine loop, each a number, or a row of numbers for as many loops side by side.
struct LoopRows {
  std::vector<Signal> matrix, offset, initial;  ///< as in AffineLoop
};

/// Of two states a turned loop keeps one, and the difference of the first to the second, which is saved under the other's name
/// with this behind it: it is no value that the loop by itself keeps.
inline constexpr std::string_view difference_suffix = "/difference";

/// Whether the second state is the first of the frame before, as in a resonator.
bool is_companion(const Graph& graph, const AffineLoop& loop);

/// Which state's name the difference has: it comes first in a companion, where the second stays.
constexpr std::size_t difference_state(bool companion) { return companion ? 0 : 1; }

/// Coefficients in turned coordinates, with which u' = u + a u + b v + x and v' = v + c u + d v + y: the matrix is a; of two
/// states a, b, c, d. Of a companion, whose second state w is the u of the frame before, a and b of v' = v + a w + b v + x, with
/// w' = w + v: what a multiplies is known a frame ahead, so that frames wait for one product and one sum of each other, not for
/// two. A float of what is near 1 would lose what it is short of 1, and with it how fast a narrow filter decays: so these are to
/// be computed in double. Offsets are left as they are.
LoopRows turned(const LoopRows& rows, bool companion);

/// The recurrence over rows of `shape` that computes loops with these turned coefficients, and its inputs, of graph `out`.
struct TurnedLoop {
  std::shared_ptr<Recurrence> recurrence;
  std::vector<Signal> inputs;
};
TurnedLoop turned_loop(Graph& out, const Recurrence& original, const AffineLoop& loop, const LoopRows& turned_rows,
                       const Shape& shape);

/// A number as a row of it, for states to begin with.
Signal as_row(Graph& out, Signal initial, const Shape& shape);

}  // namespace dgen::passes

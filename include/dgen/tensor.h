#pragma once
// Values with a shape, and the hop clock. Records in src/ops/tensor.cpp. Pointwise ops take any shapes that broadcast as
// in NumPy. A value of the hop clock changes at the frames that are multiples of its hop; where it meets a frame signal it
// is held until the next tick. Values of two different hops never meet without an op that brings one to frames.

#include <initializer_list>
#include <span>

#include "dgen/declare.h"

// clang-format off
#define DGEN_TENSOR_OPS(op) \
  op(tensor) op(window) op(overlap_add) op(hold) op(expand) op(sum_to) op(reshape) op(linear) op(outer) \
  op(view) op(view_sum) op(matmul) op(cumulate) op(extremum) op(take) op(scatter_add)
// clang-format on

namespace dgen {

// These ops carry attributes, so they are records and the functions below.
#define DGEN_DECLARE_TENSOR(name) \
  namespace ops {                 \
  extern const OpDef name;        \
  }
DGEN_TENSOR_OPS(DGEN_DECLARE_TENSOR)
#undef DGEN_DECLARE_TENSOR

/// Numbers in a shape, last axis fastest, fixed when the graph is built. Throws `Error` bad_value where their count is not
/// that of the shape's elements or one is NaN.
Signal tensor(Graph& graph, std::span<const double> values, const Shape& shape);
/// A vector.
Signal tensor(Graph& graph, std::initializer_list<double> values);

/// The last `size` frames of x, oldest first, at every tick of `hop` (frames 0, hop, 2 hop, …); 0 before frame 0.
/// x: frame [...]; gives hop(hop) [..., size]. size: 1 … 2^20. Throws `Error` bad_value, bad_type.
Signal window(Signal x, std::int64_t size, std::int64_t hop = 1);
/// The sum of overlapping frames, each laid down from its tick on: y[t + j] += frames_t[j].
/// frames: hop [..., size]; gives frame [...]. Throws `Error` bad_type where `frames` is not on the hop clock.
Signal overlap_add(Signal frames);
/// The value of the last tick, at every frame. x: hop [...]; gives frame [...]. What is no slower than frames stays as it is.
Signal hold(Signal x);

/// x broadcast to a shape. Throws `Error` bad_type.
Signal expand(Signal x, const Shape& shape);
/// The reverse of broadcasting: x summed over the axes that `shape` lacks or has as 1. Throws `Error` bad_type.
Signal sum_to(Signal x, const Shape& shape);
/// The elements of x in another shape, last axis fastest. Throws `Error` bad_type where their numbers differ.
Signal reshape(Signal x, const Shape& shape);
/// Sum over the last axis. x: [..., n]; gives [...].
Signal sum(Signal x);
/// Mean over the last axis. x: [..., n]; gives [...].
Signal mean(Signal x);
/// The last axis of x times a matrix. x: [..., n]; matrix: [m, n]; gives [..., m]. Throws `Error` bad_type.
Signal linear(Signal x, Signal matrix);
/// The products of the last axes, summed over the axes before them. x: [..., n]; y: [..., m]; gives [n, m]: what the gradient
/// of a matrix is made of. Throws `Error` bad_type.
Signal outer(Signal x, Signal y);

/// The frame number at the ticks of `hop`: 0, hop, 2 hop, …
Signal tick_frame(Graph& graph, std::int64_t hop);

}  // namespace dgen

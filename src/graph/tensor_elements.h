#pragma once
// What the ops that relate the elements of tensors compute, in double: views, products, and what runs along an axis.

#include <cstdint>
#include <span>

#include "graph/elements.h"

namespace dgen {

/// Whether `compute_tensor_elements` knows the kind.
bool has_tensor_elements(Kind kind);

/// Writes the elements of an op of such a kind, of shape `shape`.
void compute_tensor_elements(Kind kind, const Attributes& attributes, std::span<const Elements> x, const Shape& shape,
                             std::span<double> y);

/// A shape seen along one axis: element (outer, k, inner) is number (outer · extent + k) · inner_count + inner.
struct Along {
  std::int64_t outer = 1, extent = 1, inner = 1;
  Along(const Shape& shape, int axis);
};

/// The shape with another extent along `axis`.
Shape with_extent(Shape shape, int axis, std::int32_t extent);

/// For each matrix of a batch of shape `leads` (all axes but the last two), which matrix of `x` it is made of.
std::vector<std::int64_t> matrix_index(const Shape& x, const Shape& product);

}  // namespace dgen

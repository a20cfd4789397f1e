#pragma once
// What the ops without a clock of their own compute, element by element, in double: what the interpreter runs and what
// constants are folded with.

#include <span>
#include <vector>

#include "dgen/graph.h"

namespace dgen {

/// A value: its elements, last axis fastest.
struct Elements {
  std::span<const double> values;
  const Shape& shape;
};

/// Whether `compute_elements` knows the kind.
bool has_elements(Kind kind);

/// Writes the elements of a pointwise op, expand, contract, reshape, linear, outer, fft or an op of tensor_elements.h of type
/// `shape`.
void compute_elements(const OpDef& op, const Attributes& attributes, std::span<const Elements> x, const Shape& shape,
                      std::span<double> y);

/// For each element of a value of shape `to`, in order, the element of a value of shape `from` that broadcasts there.
std::vector<std::int64_t> broadcast_index(const Shape& from, const Shape& to);

}  // namespace dgen

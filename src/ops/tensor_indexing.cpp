#include <array>

#include "base/index.h"
#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/indexing.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "graph/limits.h"
#include "ops/axes.h"

namespace dgen {

namespace ops {

constexpr OpDef take{
    .name = "take",
    .doc = "elements floor(index) of x along an axis; outside the nearest end, around, or 0",
    .inputs = "x, index",
    .kind = Kind::take,
    .cost = 3,
};
constexpr OpDef scatter_add{
    .name = "scatter_add",
    .doc = "values added to elements floor(index) of an axis of zeros; several to one add up",
    .inputs = "values, index",
    .kind = Kind::scatter_add,
    .cost = 4,
};

}  // namespace ops

namespace {

using ops::TensorArgument;

void check_size(const TensorArgument& x, std::int32_t size) {
  if (size < 1 || size > most_elements) {
    x.refuse(ErrorCode::bad_value, "the size is " + std::to_string(size) + "; it must be 1 … " + std::to_string(most_elements));
  }
}

/// `shape` with the axes from `axis` to `axis + count` replaced by those of `by`.
Shape replaced(const TensorArgument& x, const Shape& shape, int axis, int count, const Shape& by) {
  Shape made{};
  if (shape.rank - count + by.rank > static_cast<int>(made.extent.size()))
    x.refuse(ErrorCode::bad_type, "with an index " + to_string(by) + " the result would have more than 6 dimensions");
  for (int k = 0; k < axis; ++k) made.extent[at(made.rank++)] = shape.extent[at(k)];
  for (int k = 0; k < by.rank; ++k) made.extent[at(made.rank++)] = by.extent[at(k)];
  for (int k = axis + count; k < shape.rank; ++k) made.extent[at(made.rank++)] = shape.extent[at(k)];
  return made;
}

/// An index of any shape as one axis of a value of `rank` axes.
Signal along(const TensorArgument& index, int rank, int axis) {
  Shape shape{.rank = rank};
  for (int k = 0; k < rank; ++k) shape.extent[at(k)] = 1;
  shape.extent[at(axis)] = static_cast<std::int32_t>(index.shape.elements());
  return reshape(index.signal, shape);
}

}  // namespace

Signal take(Operand x, Signal index, int axis, Bound bound) {
  const TensorArgument from("take", x), which("take", index);
  const int k = from.axis(axis);
  const Shape shape = replaced(from, from.shape, k, 1, which.shape);
  const std::array inputs{from.signal, along(which, from.shape.rank, k)};
  return reshape(from.graph().add(ops::take, inputs, {.bound = bound, .axis = k}, from.origin), shape);
}

Signal take_along(Operand x, Signal index, int axis, Bound bound) {
  const TensorArgument from("take_along", x), which("take_along", index);
  const std::array inputs{from.signal, which.signal};
  return from.graph().add(ops::take, inputs, {.bound = bound, .axis = from.axis(axis)}, from.origin);
}

Signal scatter_add(Operand values, Signal index, std::int32_t size, int axis, Bound bound) {
  const TensorArgument from("scatter_add", values), which("scatter_add", index);
  check_size(from, size);
  const int rank = which.shape.rank, rest = from.shape.rank - rank;  // axes that are not those of index
  const int k = axis < 0 ? axis + rest + 1 : axis;
  bool fits = rest >= 0 && k >= 0 && k <= rest;
  for (int j = 0; fits && j < rank; ++j) fits = from.shape.extent[at(k + j)] == which.shape.extent[at(j)];
  if (!fits) {
    from.refuse(ErrorCode::bad_type,
                "from axis " + std::to_string(axis) + " on it must have the axes of the index, " + to_string(which.shape));
  }
  const Shape one{.extent = {static_cast<std::int32_t>(which.shape.elements())}, .rank = 1};
  const Signal flat = reshape(from.signal, replaced(from, from.shape, k, rank, one));
  const std::array inputs{flat, along(which, rest + 1, k)};
  return from.graph().add(ops::scatter_add, inputs, {.size = size, .bound = bound, .axis = k}, from.origin);
}

Signal scatter_add_along(Operand values, Signal index, std::int32_t size, int axis, Bound bound) {
  const TensorArgument from("scatter_add_along", values), which("scatter_add_along", index);
  check_size(from, size);
  const std::array inputs{from.signal, which.signal};
  return from.graph().add(ops::scatter_add, inputs, {.size = size, .bound = bound, .axis = from.axis(axis)}, from.origin);
}

Signal one_hot(Operand index, std::int32_t size) {
  const TensorArgument which("one_hot", index);
  check_size(which, size);
  Shape column = replaced(which, which.shape, which.shape.rank, 0, extents({1}));
  std::vector<double> places;
  for (std::int32_t k = 0; k < size; ++k) places.push_back(k);
  return eq(floor(reshape(which.signal, column)), tensor(which.graph(), places, extents({size})));
}

}  // namespace dgen

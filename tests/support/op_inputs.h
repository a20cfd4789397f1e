#pragma once
// What the inputs of ops that take several elements are made of, found by their names in the records, and what is heard of
// the results: for tests that walk the op table with one signal for each input.

#include <string_view>
#include <vector>

#include "dgen/graph.h"
#include "dgen/math.h"
#include "dgen/tensor.h"

namespace dgen::testing {

/// A value as the input of this name takes it, made of the frame signal x, a number or a batch of them; x itself where it takes
/// one number.
inline Signal shaped(std::string_view name, Signal x) {
  if (name.ends_with("spectrum")) {
    Shape shape = (*x.graph)[x.id].type.shape;
    shape.extent[static_cast<std::size_t>(shape.rank++)] = 2;
    shape.extent[static_cast<std::size_t>(shape.rank++)] = 9;
    return reshape(window(x, 18, 4), shape);
  }
  if (name.ends_with("_parts")) return window(x, 9, 4);
  if (name == "vector") return window(x, 4, 1);
  return x;
}

/// One number at a time of what an op gave, in each of `lanes`: a sum in which every element counts, and neighbours differently.
inline Signal one_number(Signal y, const Shape& lanes = {}) {
  Graph& g = *y.graph;
  const Type type = g[y.id].type;
  if (type.dtype != DType::signal || type.shape == lanes) return y;
  static constexpr double weight[] = {1, -2, 3, 0.5};
  const std::int64_t each = type.shape.elements() / lanes.elements();
  std::vector<double> weights(static_cast<std::size_t>(type.shape.elements()));
  for (std::size_t k = 0; k < weights.size(); ++k) weights[k] = weight[k % static_cast<std::size_t>(each) % 4];
  Shape kept = lanes;  // with axes of one element behind
  while (kept.rank < type.shape.rank) kept.extent[static_cast<std::size_t>(kept.rank++)] = 1;
  return reshape(sum_to(y * tensor(g, weights, type.shape), kept), lanes);
}

}  // namespace dgen::testing

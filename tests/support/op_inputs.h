#pragma once
// What the inputs of ops that take several elements are made of, found by their names in the records, and what is heard of
// the results: for tests that walk the op table with one signal for each input.

#include <string_view>
#include <vector>

#include "dgen/graph.h"
#include "dgen/math.h"
#include "dgen/tensor.h"

namespace dgen::testing {

/// A value as the input of this name takes it, made of the frame signal x; x itself where it takes one number.
inline Signal shaped(std::string_view name, Signal x) {
  if (name.ends_with("spectrum")) return reshape(window(x, 18, 4), extents({2, 9}));
  if (name.ends_with("_parts")) return window(x, 9, 4);
  if (name == "vector") return window(x, 4, 1);
  return x;
}

/// One number at a time of what an op gave: a sum in which every element counts, and neighbours differently.
inline Signal one_number(Signal y) {
  Graph& g = *y.graph;
  const Type type = g[y.id].type;
  if (type.dtype != DType::signal || type.shape.rank == 0) return y;
  static constexpr double weight[] = {1, -2, 3, 0.5};
  std::vector<double> weights(static_cast<std::size_t>(type.shape.elements()));
  for (std::size_t k = 0; k < weights.size(); ++k) weights[k] = weight[k % 4];
  return sum_to(y * tensor(g, weights, type.shape), {});
}

}  // namespace dgen::testing

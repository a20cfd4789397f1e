#pragma once
// What the inputs of ops that take several elements are made of, found by their names in the records, and what is heard of
// the results: for tests that walk the op table with one signal for each input.

#include <string_view>

#include "dgen/tensor.h"

namespace dgen::testing {

/// A value as the input of this name takes it, made of the frame signal x; x itself where it takes one number.
inline Signal shaped(std::string_view name, Signal x) {
  if (name.ends_with("spectrum")) return reshape(window(x, 18, 4), extents({2, 9}));
  if (name.ends_with("_parts")) return window(x, 9, 4);
  return x;
}

/// One number at a time of what an op gave.
inline Signal one_number(Signal y) {
  return (*y.graph)[y.id].type.dtype == DType::signal && (*y.graph)[y.id].type.shape.rank > 0 ? sum_to(y, {}) : y;
}

}  // namespace dgen::testing

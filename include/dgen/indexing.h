#pragma once
// Elements chosen by numbers that may move. Records in src/ops/tensor_indexing.cpp. An index is floored; outside an axis
// `bound` says what it means: the nearest end (clip), around (wrap), or nothing: 0 is read, and what is added is lost (zero).
// Indices have no gradient; what several of them name gets the sum.

#include <cstdint>

#include "dgen/views.h"

namespace dgen {

/// Elements of x along an axis, as NumPy's take. index: any shape; the result has its axes in the place of `axis`.
/// Of a matrix [rows, n] and axis 0: rows looked up, as of an embedding.
Signal take(Operand x, Signal index, int axis = 0, Bound bound = Bound::clip);
/// As NumPy's take_along_axis: index has as many axes as x, and along all but `axis` they broadcast.
Signal take_along(Operand x, Signal index, int axis = -1, Bound bound = Bound::clip);

/// The adjoint of take: values, with the axes of index in the place of `axis`, added to elements `index` of an axis of `size`
/// zeros.
Signal scatter_add(Operand values, Signal index, std::int32_t size, int axis = 0, Bound bound = Bound::zero);
/// The adjoint of take_along: index broadcasts to values, whose extent along `axis` becomes `size`.
Signal scatter_add_along(Operand values, Signal index, std::int32_t size, int axis = -1, Bound bound = Bound::zero);

/// 1 at element floor(index) of a new last axis, else 0; all 0 where the index is outside. index: [...]; gives [..., size].
Signal one_hot(Operand index, std::int32_t size);

/// Values between the elements of the last axis. order: 0 none (floor), 1 straight lines, 3 cubics (Catmull & Rom 1974).
/// x: [..., n]; position: any shape, in elements; gives the axes of x but the last, then those of position. Gradients go to x
/// and to position. Throws `Error` bad_value for another order.
Signal sample(Operand x, Signal position, int order = 1, Bound bound = Bound::clip);

}  // namespace dgen

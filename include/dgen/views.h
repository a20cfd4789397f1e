#pragma once
// The elements of values in other places: nothing is computed. Records in src/ops/tensor_views.cpp. Axes count from 0;
// negative ones from the last. Gradients add up where an element is seen more than once. All throw `Error` bad_type where a
// shape does not fit, and bad_value for an axis that is not there; messages name the call's place.

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <vector>

#include "dgen/graph.h"

namespace dgen {

/// Axes of a value: one, or {0, -1}.
struct Axes {
  Axes(int axis) : each{axis} {}
  Axes(std::initializer_list<int> axes) : each(axes) {}
  Axes(std::vector<int> axes) : each(std::move(axes)) {}
  std::vector<int> each;
};

/// Axis k of the result is axis order[k] of x.
Signal permute(Operand x, const Axes& order);
/// The last two axes change places. x: [..., m, n]; gives [..., n, m].
Signal transpose(Operand x);

/// Which elements of an axis: begin, begin + step, … before end. Negative begin and end count from the end of the axis; those
/// beyond it are brought to it, as in Python. step: ≥ 1.
struct Slice {
  std::int64_t begin = 0;
  std::int64_t end = std::numeric_limits<std::int64_t>::max();
  std::int64_t step = 1;
};

/// Part of an axis. Throws `Error` bad_value where it is empty.
Signal slice(Operand x, int axis, const Slice& which);
/// Element k along an axis, which the result has no more. k: from 0; negative: from the end.
Signal element(Operand x, int axis, std::int64_t k);
/// Zeros in front of and behind an axis. before, after: ≥ 0.
Signal pad(Operand x, int axis, std::int64_t before, std::int64_t after);
/// Values behind one another along an axis they have; their other extents are equal.
Signal concat(std::span<const Signal> values, int axis = 0, const char* file = __builtin_FILE(), int line = __builtin_LINE());
/// Values of one shape along a new axis.
Signal stack(std::span<const Signal> values, int axis, const char* file = __builtin_FILE(), int line = __builtin_LINE());
/// Axes back to front.
Signal flip(Operand x, const Axes& axes = -1);
/// Every element of an axis `count` times: a a b b. count: ≥ 1.
Signal repeat(Operand x, int axis, std::int64_t count);
/// The whole axis `count` times: a b a b. count: ≥ 1.
Signal tile(Operand x, int axis, std::int64_t count);

/// Any static rearrangement: element e of the result, last axis fastest, is element map[e] of x; 0 where that is -1.
/// Throws `Error` bad_value where the map does not have the shape's elements or names one that x has not.
Signal view(Operand x, const Shape& shape, std::vector<std::int32_t> map);

}  // namespace dgen

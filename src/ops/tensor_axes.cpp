#include <algorithm>
#include <array>

#include "base/index.h"
#include "dgen/axes.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "graph/tensor_elements.h"
#include "ops/axes.h"

namespace dgen {

namespace ops {

constexpr OpDef cumulate{
    .name = "cumulate",
    .doc = "a recurrence along an axis: y[i] = x[i] + factor[i] y[i - 1]",
    .inputs = "x, factor",
    .kind = Kind::cumulate,
    .cost = 4,
};
constexpr OpDef extremum{
    .name = "extremum",
    .doc = "where along an axis the largest or smallest element is, from 0; the first of equal ones; gradient 0",
    .inputs = "x",
    .kind = Kind::extremum,
    .zero_derivative = true,
    .cost = 4,
};

}  // namespace ops

namespace {

using ops::TensorArgument;

/// The axes from 0, each once, in order.
std::vector<int> checked_axes(const TensorArgument& x, const Axes& axes) {
  std::vector<int> each;
  for (const int axis : axes.each) each.push_back(x.axis(axis));
  std::sort(each.begin(), each.end());
  if (std::adjacent_find(each.begin(), each.end()) != each.end()) x.refuse(ErrorCode::bad_value, "an axis is named twice");
  return each;
}

/// A value whose axes `axes` have extent 1, with or without them.
Signal finished(Signal x, const std::vector<int>& axes, Reduced reduced) {
  if (reduced == Reduced::kept) return x;
  const Shape with = (*x.graph)[x.id].type.shape;
  Shape without{};
  for (int k = 0; k < with.rank; ++k) {
    if (!std::binary_search(axes.begin(), axes.end(), k)) without.extent[at(without.rank++)] = with.extent[at(k)];
  }
  return reshape(x, without);
}

/// The axes at the end as one, in the order they have; the others in front.
Signal gathered_axes(const TensorArgument& x, const std::vector<int>& axes) {
  std::vector<int> order;
  Shape shape{};
  std::int32_t count = 1;
  for (int k = 0; k < x.shape.rank; ++k) {
    if (std::binary_search(axes.begin(), axes.end(), k)) {
      count *= x.shape.extent[at(k)];
    } else {
      order.push_back(k), shape.extent[at(shape.rank++)] = x.shape.extent[at(k)];
    }
  }
  const bool in_place = axes.empty() || axes.front() == x.shape.rank - static_cast<int>(axes.size());
  order.insert(order.end(), axes.begin(), axes.end());
  shape.extent[at(shape.rank++)] = count;
  return reshape(in_place ? x.signal : permute(ops::placed(x.signal, x.origin), order), shape);
}

/// What `along` makes of one axis, for several: they are made one.
template <class Along>
Signal over(const TensorArgument& x, const Axes& axes, Reduced reduced, Along along) {
  const std::vector<int> each = checked_axes(x, axes);
  if (each.size() == 1) return finished(along(x.signal, each[0]), each, reduced);
  Signal y{};
  if (each.empty()) return x.signal;
  const Signal one = gathered_axes(x, each);
  y = along(one, (*one.graph)[one.id].type.shape.rank - 1);
  Shape shape = x.shape;
  for (const int k : each) shape.extent[at(k)] = 1;
  return finished(reshape(y, shape), each, reduced);
}

Signal where(Signal x, int axis, bool smallest, Origin origin) {
  return x.graph->add(ops::extremum, std::span(&x, 1), {.size = smallest ? 1 : 0, .axis = axis}, origin);
}

Signal extreme(const TensorArgument& x, const Axes& axes, Reduced reduced, bool smallest) {
  return over(x, axes, reduced, [&](Signal from, int axis) {
    const std::array inputs{from, where(from, axis, smallest, x.origin)};
    return from.graph->add(ops::take, inputs, {.name = x.function, .axis = axis}, x.origin);
  });
}

Signal running_product(const TensorArgument& x, Signal from, int axis) {
  // y[i] = 0 + x[i] y[i - 1] but for the first, which is x[0].
  const Shape shape = (*from.graph)[from.id].type.shape;
  const Along along(shape, axis);
  std::vector<std::int32_t> first;
  for (std::int64_t e = 0; e < shape.elements(); ++e)
    first.push_back(e / along.inner % along.extent == 0 ? static_cast<std::int32_t>(e) : -1);
  const std::array inputs{view(ops::placed(from, x.origin), shape, std::move(first)), from};
  return from.graph->add(ops::cumulate, inputs, {.name = x.function, .axis = axis}, x.origin);
}

}  // namespace

Signal sum(Operand x, const Axes& axes, Reduced reduced) {
  const TensorArgument from("sum", x);
  const std::vector<int> each = checked_axes(from, axes);
  Shape shape = from.shape;
  for (const int k : each) shape.extent[at(k)] = 1;
  return finished(sum_to(from.signal, shape), each, reduced);
}

Signal mean(Operand x, const Axes& axes, Reduced reduced) {
  const TensorArgument from("mean", x);
  std::int64_t count = 1;
  for (const int k : checked_axes(from, axes)) count *= from.shape.extent[at(k)];
  return sum(x, axes, reduced) * (1.0 / static_cast<double>(count));
}

Signal prod(Operand x, const Axes& axes, Reduced reduced) {
  const TensorArgument from("prod", x);
  return over(from, axes, reduced,
              [&](Signal value, int axis) { return slice(running_product(from, value, axis), axis, {.begin = -1}); });
}

Signal max_over(Operand x, const Axes& axes, Reduced reduced) {
  return extreme(TensorArgument("max_over", x), axes, reduced, false);
}

Signal min_over(Operand x, const Axes& axes, Reduced reduced) {
  return extreme(TensorArgument("min_over", x), axes, reduced, true);
}

Signal argmax(Operand x, int axis, Reduced reduced) {
  const TensorArgument from("argmax", x);
  const int k = from.axis(axis);
  return finished(where(from.signal, k, false, from.origin), {k}, reduced);
}

Signal argmin(Operand x, int axis, Reduced reduced) {
  const TensorArgument from("argmin", x);
  const int k = from.axis(axis);
  return finished(where(from.signal, k, true, from.origin), {k}, reduced);
}

Signal cumsum(Operand x, int axis) {
  const TensorArgument from("cumsum", x);
  const std::array inputs{from.signal, from.graph().constant(1)};
  return from.graph().add(ops::cumulate, inputs, {.name = "cumsum", .axis = from.axis(axis)}, from.origin);
}

Signal cumprod(Operand x, int axis) {
  const TensorArgument from("cumprod", x);
  return running_product(from, from.signal, from.axis(axis));
}

Signal cumulate(Operand x, Signal factor, int axis) {
  const TensorArgument from("cumulate", x), other("cumulate", factor);
  const std::array inputs{from.signal, other.signal};
  return from.graph().add(ops::cumulate, inputs, {.axis = from.axis(axis)}, from.origin);
}

}  // namespace dgen

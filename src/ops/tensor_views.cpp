#include <algorithm>

#include "base/index.h"
#include "dgen/error.h"
#include "dgen/tensor.h"
#include "dgen/views.h"
#include "graph/describe.h"
#include "graph/limits.h"
#include "ops/axes.h"

namespace dgen {

namespace ops {

constexpr OpDef view{
    .name = "view",
    .doc = "elements of the inputs in other places: transposed, sliced, padded with 0, behind one another, flipped, repeated",
    .inputs = "x, ...",
    .kind = Kind::view,
};
constexpr OpDef view_sum{
    .name = "view_sum",
    .doc = "elements added up in the places a view took them from",
    .inputs = "x",
    .kind = Kind::view_sum,
};

}  // namespace ops

namespace {

using ops::TensorArgument;
using Map = std::vector<std::int32_t>;

/// A view made axis by axis: how far each index of each axis of the result lies from the first element of x; -1: outside.
class AxisMaps {
 public:
  explicit AxisMaps(const TensorArgument& x) : x_(x) {
    std::int64_t stride = x.shape.elements();
    for (int axis = 0; axis < x.shape.rank; ++axis) {
      const std::int64_t extent = x.shape.extent[at(axis)];
      stride /= extent;
      std::vector<std::int64_t>& offsets = offsets_.emplace_back();
      for (std::int64_t k = 0; k < extent; ++k) offsets.push_back(k * stride);
    }
  }

  std::vector<std::int64_t>& operator[](int axis) { return offsets_[at(axis)]; }

  Signal view() const {
    Shape shape{.rank = x_.shape.rank};
    for (int axis = 0; axis < shape.rank; ++axis) shape.extent[at(axis)] = static_cast<std::int32_t>(offsets_[at(axis)].size());
    Map map{0};
    for (const std::vector<std::int64_t>& offsets : offsets_) {
      Map longer;
      longer.reserve(map.size() * offsets.size());
      for (const std::int32_t base : map) {
        for (const std::int64_t offset : offsets)
          longer.push_back(base < 0 || offset < 0 ? -1 : base + static_cast<std::int32_t>(offset));
      }
      map = std::move(longer);
    }
    const Attributes made{.name = x_.function, .shape = shape, .map = std::make_shared<const Map>(std::move(map))};
    return x_.graph().add(ops::view, std::span(&x_.signal, 1), made, x_.origin);
  }

 private:
  const TensorArgument& x_;
  std::vector<std::vector<std::int64_t>> offsets_;
};

std::string text_of(std::span<const int> axes) {
  std::string text = "{";
  for (std::size_t k = 0; k < axes.size(); ++k) text += (k ? ", " : "") + std::to_string(axes[k]);
  return text + "}";
}

void check_elements(const TensorArgument& x, std::int64_t count) {
  if (count > most_elements)
    x.refuse(ErrorCode::limit_exceeded, "the result would have more than " + std::to_string(most_elements) + " elements");
}

void check_count(const TensorArgument& x, std::int64_t count) {
  if (count < 1) x.refuse(ErrorCode::bad_value, "the count is " + std::to_string(count) + "; it must be at least 1");
  check_elements(x, std::min(count, most_elements + 1) * x.shape.elements());
}

/// The values' shapes where they differ along no axis but `free`; -1: along none.
void check_alike(const TensorArgument& first, const TensorArgument& other, int free) {
  bool alike = first.shape.rank == other.shape.rank;
  for (int k = 0; alike && k < first.shape.rank; ++k) alike = k == free || first.shape.extent[at(k)] == other.shape.extent[at(k)];
  if (alike) return;
  other.refuse(ErrorCode::bad_type, describe(first.graph(), first.signal.id) + " is " + to_string(first.shape) + "; " +
                                        (free < 0 ? std::string("all values have one shape")
                                                  : "all extents but that of axis " + std::to_string(free) + " must be equal"));
}

std::vector<TensorArgument> arguments(const char* function, std::span<const Signal> values, const char* file, int line) {
  if (values.empty()) {
    throw Error(ErrorCode::bad_value, std::string(function) + " (" + to_string(Origin{file, line, 0}) + "): there are no values");
  }
  std::vector<TensorArgument> all;
  for (const Signal value : values) {
    all.emplace_back(function, Operand(value, file, line));
    if (value.graph != values[0].graph)
      throw Error(ErrorCode::mixed_graphs, std::string(function) + ": " + describe(*value.graph, value.id) +
                                               " belongs to another graph than the first value");
  }
  return all;
}

/// The values behind one another along an axis.
Signal joined(const std::vector<TensorArgument>& all, int along) {
  Shape shape = all[0].shape;
  std::int64_t outer = 1, inner = 1, extent = 0;
  for (int k = 0; k < shape.rank; ++k) (k < along ? outer : inner) *= k == along ? 1 : shape.extent[at(k)];
  for (const TensorArgument& value : all) {
    check_alike(all[0], value, along);
    extent += value.shape.extent[at(along)];
  }
  check_elements(all[0], outer * inner * extent);
  shape.extent[at(along)] = static_cast<std::int32_t>(extent);
  Map map;
  for (std::int64_t o = 0; o < outer; ++o) {
    std::int64_t first = 0;
    for (const TensorArgument& value : all) {
      const std::int64_t run = value.shape.extent[at(along)] * inner;
      for (std::int64_t k = 0; k < run; ++k) map.push_back(static_cast<std::int32_t>(first + o * run + k));
      first += outer * run;
    }
  }
  const Attributes made{.name = all[0].function, .shape = shape, .map = std::make_shared<const Map>(std::move(map))};
  std::vector<Signal> values;
  for (const TensorArgument& value : all) values.push_back(value.signal);
  return all[0].graph().add(ops::view, values, made, all[0].origin);
}

}  // namespace

Signal permute(Operand x, const Axes& order) {
  const TensorArgument from("permute", x);
  std::vector<int> axes;
  for (const int axis : order.each) axes.push_back(from.axis(axis));
  std::vector<int> sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  const bool each_once = std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
  if (!each_once || static_cast<int>(axes.size()) != from.shape.rank)
    from.refuse(ErrorCode::bad_value, "the order " + text_of(order.each) + " does not name each axis once");
  AxisMaps maps(from), given(from);
  for (int k = 0; k < from.shape.rank; ++k) maps[k] = given[axes[at(k)]];
  return maps.view();
}

Signal transpose(Operand x) {
  const TensorArgument from("transpose", x);
  if (from.shape.rank < 2) from.refuse(ErrorCode::bad_type, "only a value with at least two axes has a transpose");
  AxisMaps maps(from);
  std::swap(maps[from.shape.rank - 2], maps[from.shape.rank - 1]);
  return maps.view();
}

Signal slice(Operand x, int axis, const Slice& which) {
  const TensorArgument from("slice", x);
  const int k = from.axis(axis);
  const std::int64_t extent = from.shape.extent[at(k)];
  const auto inside = [extent](std::int64_t place) {
    return std::clamp(place < 0 ? place + extent : place, std::int64_t{0}, extent);
  };
  if (which.step < 1)
    from.refuse(ErrorCode::bad_value, "the step is " + std::to_string(which.step) + "; it must be at least 1, flip turns round");
  AxisMaps maps(from);
  std::vector<std::int64_t> kept;
  const std::int64_t begin = inside(which.begin), end = inside(which.end);
  const std::int64_t step = std::min(which.step, std::max<std::int64_t>(1, end - begin));
  for (std::int64_t n = begin; n < end; n += step) kept.push_back(maps[k][static_cast<std::size_t>(n)]);
  if (kept.empty()) {
    from.refuse(ErrorCode::bad_value, "elements " + std::to_string(begin) + " … before " + std::to_string(end) + " of axis " +
                                          std::to_string(k) + " are none");
  }
  maps[k] = std::move(kept);
  return maps.view();
}

Signal element(Operand x, int axis, std::int64_t k) {
  const TensorArgument from("element", x);
  const int along = from.axis(axis);
  const std::int64_t extent = from.shape.extent[at(along)], place = k < 0 ? k + extent : k;
  if (place < 0 || place >= extent)
    from.refuse(ErrorCode::bad_value, "axis " + std::to_string(along) + " has no element " + std::to_string(k));
  AxisMaps maps(from);
  maps[along] = {maps[along][static_cast<std::size_t>(place)]};
  Shape shape{.rank = from.shape.rank - 1};
  for (int j = 0, to = 0; j < from.shape.rank; ++j) {
    if (j != along) shape.extent[at(to++)] = from.shape.extent[at(j)];
  }
  return reshape(maps.view(), shape);
}

Signal pad(Operand x, int axis, std::int64_t before, std::int64_t after) {
  const TensorArgument from("pad", x);
  const int k = from.axis(axis);
  if (before < 0 || after < 0 || before > most_elements || after > most_elements) {
    from.refuse(ErrorCode::bad_value,
                "the padding is " + std::to_string(before) + " and " + std::to_string(after) + "; it must not be negative");
  }
  check_elements(from, from.shape.elements() / from.shape.extent[at(k)] * (from.shape.extent[at(k)] + before + after));
  AxisMaps maps(from);
  maps[k].insert(maps[k].begin(), static_cast<std::size_t>(before), -1);
  maps[k].insert(maps[k].end(), static_cast<std::size_t>(after), -1);
  return maps.view();
}

Signal concat(std::span<const Signal> values, int axis, const char* file, int line) {
  const std::vector<TensorArgument> all = arguments("concat", values, file, line);
  return joined(all, all[0].axis(axis));
}

Signal stack(std::span<const Signal> values, int axis, const char* file, int line) {
  std::vector<TensorArgument> all = arguments("stack", values, file, line);
  Shape shape = all[0].shape;
  if (shape.rank == static_cast<int>(shape.extent.size())) all[0].refuse(ErrorCode::bad_type, "a shape has at most 6 dimensions");
  const int along = axis < 0 ? axis + shape.rank + 1 : axis;
  if (along < 0 || along > shape.rank)
    all[0].refuse(ErrorCode::bad_value, "there is no place for a new axis " + std::to_string(axis));
  for (const TensorArgument& value : all) check_alike(all[0], value, -1);
  std::copy_backward(shape.extent.begin() + along, shape.extent.begin() + shape.rank, shape.extent.begin() + shape.rank + 1);
  shape.extent[at(along)] = 1;
  ++shape.rank;
  for (TensorArgument& value : all) value.shape = shape;  // the elements lie in the same order
  return joined(all, along);
}

Signal flip(Operand x, const Axes& axes) {
  const TensorArgument from("flip", x);
  AxisMaps maps(from);
  for (const int axis : axes.each) std::reverse(maps[from.axis(axis)].begin(), maps[from.axis(axis)].end());
  return maps.view();
}

Signal repeat(Operand x, int axis, std::int64_t count) {
  const TensorArgument from("repeat", x);
  const int k = from.axis(axis);
  check_count(from, count);
  AxisMaps maps(from);
  std::vector<std::int64_t> repeated;
  for (const std::int64_t offset : maps[k]) repeated.insert(repeated.end(), static_cast<std::size_t>(count), offset);
  maps[k] = std::move(repeated);
  return maps.view();
}

Signal tile(Operand x, int axis, std::int64_t count) {
  const TensorArgument from("tile", x);
  const int k = from.axis(axis);
  check_count(from, count);
  AxisMaps maps(from);
  const std::vector<std::int64_t> once = maps[k];
  for (std::int64_t c = 1; c < count; ++c) maps[k].insert(maps[k].end(), once.begin(), once.end());
  return maps.view();
}

Signal view(Operand x, const Shape& shape, std::vector<std::int32_t> map) {
  const TensorArgument from("view", x);
  if (static_cast<std::int64_t>(map.size()) != shape.elements()) {
    from.refuse(ErrorCode::bad_value, "the map names " + std::to_string(map.size()) + " elements for the shape " +
                                          to_string(shape) + ", which has " + std::to_string(shape.elements()));
  }
  const std::int64_t given = from.shape.elements();
  for (const std::int32_t e : map) {
    if (e < -1 || e >= given) from.refuse(ErrorCode::bad_value, "it has no element " + std::to_string(e));
  }
  const Attributes made{.shape = shape, .map = std::make_shared<const Map>(std::move(map))};
  return from.graph().add(ops::view, std::span(&from.signal, 1), made, from.origin);
}

}  // namespace dgen

#include "dgen/tensor.h"

#include <array>
#include <cmath>

#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "graph/describe.h"
#include "ops/families.h"

namespace dgen {

namespace ops {

constexpr OpDef tensor{.name = "tensor", .doc = "numbers with a shape, fixed when the graph is built", .kind = Kind::tensor};
constexpr OpDef window{
    .name = "window",
    .doc = "the last `size` frames of x, oldest first, at every tick of `hop`; 0 before frame 0",
    .inputs = "x",
    .kind = Kind::window,
};
constexpr OpDef overlap_add{
    .name = "overlap_add",
    .doc = "the sum of overlapping frames, each laid down from its tick on",
    .inputs = "frames",
    .kind = Kind::overlap_add,
};
constexpr OpDef hold{
    .name = "hold", .doc = "the value of the last tick of a hop clock, at every frame", .inputs = "x", .kind = Kind::hold};
constexpr OpDef expand{.name = "expand", .doc = "x broadcast to a shape", .inputs = "x", .kind = Kind::expand};
constexpr OpDef sum_to{
    .name = "sum_to", .doc = "x summed over the axes along which a shape would broadcast", .inputs = "x", .kind = Kind::contract};
constexpr OpDef reshape{.name = "reshape", .doc = "the elements of x in another shape", .inputs = "x", .kind = Kind::reshape};
constexpr OpDef linear{
    .name = "linear",
    .doc = "the last axis of x times a matrix [outputs, inputs]",
    .inputs = "x, matrix",
    .kind = Kind::linear,
};
constexpr OpDef outer{
    .name = "outer",
    .doc = "the products of the last axes of x and y, summed over the axes before them: [n, m]",
    .inputs = "x, y",
    .kind = Kind::outer,
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_TENSOR_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY

constexpr std::span<const OpDef* const> tensor_family{entries};

}  // namespace ops

namespace {

Signal one_input(const OpDef& op, Signal x, Attributes attributes) {
  if (!x) throw Error(ErrorCode::bad_value, std::string(op.name) + ": the signal is empty; it was never assigned");
  return x.graph->add(op, std::span(&x, 1), std::move(attributes));
}

const Shape& shape_of(Signal x, const char* op) {
  if (!x) throw Error(ErrorCode::bad_value, std::string(op) + ": the signal is empty; it was never assigned");
  return (*x.graph)[x.id].type.shape;
}

std::int32_t checked_hop(std::int64_t hop, const char* op) {
  if (hop >= 1 && hop <= (1 << 20)) return static_cast<std::int32_t>(hop);
  throw Error(ErrorCode::bad_value,
              std::string(op) + ": the hop is " + std::to_string(hop) + " frames; it must be 1 … " + std::to_string(1 << 20));
}

}  // namespace

Signal tensor(Graph& graph, std::span<const double> values, const Shape& shape) {
  const auto count = static_cast<std::int64_t>(values.size());
  if (count != shape.elements()) {
    throw Error(ErrorCode::bad_value, "tensor: " + std::to_string(count) + " numbers for the shape " + to_string(shape) +
                                          ", which has " + std::to_string(shape.elements()) + " elements");
  }
  for (const double x : values) {
    if (std::isnan(x)) throw Error(ErrorCode::bad_value, "tensor: a value is not a number (NaN)");
  }
  if (shape.rank == 0) return graph.constant(values[0]);
  auto table = std::make_shared<const std::vector<double>>(values.begin(), values.end());
  return graph.add(ops::tensor, {}, {.shape = shape, .table = std::move(table)});
}

Signal tensor(Graph& graph, std::initializer_list<double> values) {
  return tensor(graph, std::span(values.begin(), values.size()), extents({static_cast<std::int32_t>(values.size())}));
}

Signal window(Signal x, std::int64_t size, std::int64_t hop) {
  constexpr std::int64_t longest = 1 << 20;
  if (size < 1 || size > longest) {
    throw Error(ErrorCode::limit_exceeded,
                "window: the size is " + std::to_string(size) + " frames; it must be 1 … " + std::to_string(longest));
  }
  return one_input(ops::window, x, {.size = size, .hop = checked_hop(hop, "window")});
}

Signal overlap_add(Signal frames) {
  const Shape& shape = shape_of(frames, "overlap_add");
  const Type& type = (*frames.graph)[frames.id].type;
  if (type.clock != Clock::hop || shape.rank == 0) {
    throw Error(ErrorCode::bad_type, "overlap_add: takes frames on a hop clock, such as those of window; got " +
                                         describe(*frames.graph, frames.id) + ", which is " + to_string(type));
  }
  return one_input(ops::overlap_add, frames, {.size = shape.extent[static_cast<std::size_t>(shape.rank - 1)], .hop = type.hop});
}

Signal hold(Signal x) {
  shape_of(x, "hold");
  return (*x.graph)[x.id].type.clock == Clock::hop ? one_input(ops::hold, x, {}) : x;
}

Signal expand(Signal x, const Shape& shape) {
  return shape_of(x, "expand") == shape ? x : one_input(ops::expand, x, {.shape = shape});
}

Signal sum_to(Signal x, const Shape& shape) {
  return shape_of(x, "sum_to") == shape ? x : one_input(ops::sum_to, x, {.shape = shape});
}

Signal reshape(Signal x, const Shape& shape) {
  return shape_of(x, "reshape") == shape ? x : one_input(ops::reshape, x, {.shape = shape});
}

Signal sum(Signal x) {
  Shape shape = shape_of(x, "sum");
  if (shape.rank == 0) {
    throw Error(ErrorCode::bad_type, "sum: " + describe(*x.graph, x.id) +
                                         " is one number, without an axis to sum over; "
                                         "time_sum sums over frames");
  }
  if (shape.rank == 1) return sum_to(x, Shape{});
  Shape kept = shape;
  kept.extent[static_cast<std::size_t>(shape.rank - 1)] = 1;
  shape.extent[static_cast<std::size_t>(--shape.rank)] = 0;
  return reshape(sum_to(x, kept), shape);
}

Signal mean(Signal x) {
  const Shape& shape = shape_of(x, "mean");
  if (shape.rank == 0) throw Error(ErrorCode::bad_type, "mean: " + describe(*x.graph, x.id) + " is one number, without an axis");
  return sum(x) * (1.0 / shape.extent[static_cast<std::size_t>(shape.rank - 1)]);
}

Signal linear(Signal x, Signal matrix) {
  shape_of(x, "linear");
  return x.graph->add(ops::linear, std::array{x, matrix}, {});
}

Signal outer(Signal x, Signal y) {
  shape_of(x, "outer");
  return x.graph->add(ops::outer, std::array{x, y}, {});
}

Signal tick_frame(Graph& graph, std::int64_t hop) {
  return graph.add(ops::frame_index, {}, {.hop = checked_hop(hop, "tick_frame")});
}

}  // namespace dgen

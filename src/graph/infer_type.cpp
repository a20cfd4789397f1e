#include "graph/infer_type.h"

#include <algorithm>

#include "dgen/error.h"
#include "graph/describe.h"
#include "graph/fourier.h"
#include "graph/join_types.h"
#include "graph/limits.h"
#include "graph/tensor_types.h"

namespace dgen {

namespace {

/// The type of an op that looks at its inputs from `first` on every frame, and takes one number of each.
Type every_frame(const Graph& g, const OpDef& op, std::span<const int> inputs, std::size_t first) {
  const Type type = join_types(g, op, inputs, first);
  for (std::size_t k = first; k < inputs.size(); ++k) {
    if (g[inputs[k]].type.shape.rank != 0) refuse_input(g, op, inputs[k], "it takes one number a frame");
    if (g[inputs[k]].type.clock == Clock::hop) refuse_input(g, op, inputs[k], "bring it to frames with hold");
  }
  return type;
}

Type windowed(const Graph& g, const OpDef& op, std::span<const int> inputs, const Attributes& a) {
  Type type = join_types(g, op, inputs, 0);
  if (type.clock == Clock::hop) refuse_input(g, op, inputs[0], "bring it to frames with hold");
  if (type.shape.rank == static_cast<int>(type.shape.extent.size()))
    refuse_input(g, op, inputs[0], "a shape has at most 6 dimensions");
  type.shape.extent[static_cast<std::size_t>(type.shape.rank++)] = static_cast<std::int32_t>(a.size);
  return {.clock = Clock::hop, .hop = a.hop, .shape = type.shape};
}

Type overlapped(const Graph& g, const OpDef& op, std::span<const int> inputs, const Attributes& a) {
  Type type = join_types(g, op, inputs, 0);
  const bool fits = type.clock <= Clock::hop && (type.clock != Clock::hop || type.hop == a.hop) && type.shape.rank > 0 &&
                    type.shape.extent[static_cast<std::size_t>(type.shape.rank - 1)] == a.size;
  if (!fits)
    refuse_input(g, op, inputs[0], "it takes frames of " + std::to_string(a.size) + " at hop(" + std::to_string(a.hop) + ")");
  type.shape.extent[static_cast<std::size_t>(--type.shape.rank)] = 0;
  return {.clock = Clock::frame, .shape = type.shape};
}

Type expanded(const Graph& g, const OpDef& op, std::span<const int> inputs, const Attributes& a) {
  Type type = join_types(g, op, inputs, 0);
  if (!broadcasts_to(type.shape, a.shape)) refuse_input(g, op, inputs[0], "it does not broadcast to " + to_string(a.shape));
  if (a.hop > 0) {
    if (type.clock > Clock::control && type.hop != a.hop) refuse_input(g, op, inputs[0], "it has a clock of its own");
    type.clock = Clock::hop, type.hop = a.hop;
  }
  type.shape = a.shape;
  return type;
}

/// The clock of an op on both inputs.
Type fastest(const Graph& g, const OpDef& op, std::span<const int> inputs) {
  Type type{.clock = Clock::constant};
  for (const int input : inputs) {
    const Type& t = g[input].type;
    if (type.clock == Clock::hop && t.clock == Clock::hop && type.hop != t.hop)
      refuse_input(g, op, input, "the other input has another hop");
    if (t.clock > type.clock) type.clock = t.clock, type.hop = t.hop;
  }
  return type;
}

Type multiplied(const Graph& g, const OpDef& op, std::span<const int> inputs, const Attributes& a) {
  expect_input(g, op, inputs, 0, DType::signal, "a signal");
  expect_input(g, op, inputs, 1, DType::signal, "a signal");
  const Shape &x = g[inputs[0]].type.shape, &matrix = g[inputs[1]].type.shape;
  if (matrix.rank != 2) refuse_input(g, op, inputs[1], "the matrix has two dimensions, [outputs, inputs]");
  const std::size_t from = a.size == 1 ? 0 : 1;
  if (x.rank == 0 || x.extent[static_cast<std::size_t>(x.rank - 1)] != matrix.extent[from]) {
    refuse_input(g, op, inputs[0],
                 "its last axis must have the " + std::to_string(matrix.extent[from]) + " elements that the matrix " +
                     describe(g, inputs[1]) + " " + to_string(matrix) + " takes");
  }
  Type type = fastest(g, op, inputs.first(2));
  type.shape = x;
  type.shape.extent[static_cast<std::size_t>(x.rank - 1)] = matrix.extent[1 - from];
  return type;
}

Type outer_product(const Graph& g, const OpDef& op, std::span<const int> inputs) {
  expect_input(g, op, inputs, 0, DType::signal, "a signal");
  expect_input(g, op, inputs, 1, DType::signal, "a signal");
  const Shape &x = g[inputs[0]].type.shape, &y = g[inputs[1]].type.shape;
  bool fits = x.rank > 0 && x.rank == y.rank;
  for (int k = 0; fits && k + 1 < x.rank; ++k)
    fits = x.extent[static_cast<std::size_t>(k)] == y.extent[static_cast<std::size_t>(k)];
  if (!fits) {
    refuse_input(
        g, op, inputs[1],
        "it must have the axes of " + describe(g, inputs[0]) + " " + to_string(x) + ", all but the last of the same size");
  }
  Type type = fastest(g, op, inputs.first(2));
  const auto last = static_cast<std::size_t>(x.rank - 1);
  type.shape = extents({x.extent[last], y.extent[last]});
  return type;
}

Type transformed(const Graph& g, const OpDef& op, std::span<const int> inputs, const Attributes& a) {
  Type type = join_types(g, op, inputs);
  if (const std::string why = fourier::why_not(type.shape, a.transform, a.size); !why.empty())
    refuse_input(g, op, inputs[0], why);
  type.shape = fourier::shape_of(type.shape, a.transform, a.size);
  return type;
}

void check_size(const OpDef& op, const Type& type) {
  double elements = 1;  // of six large extents: more than a whole number holds
  for (int k = 0; k < type.shape.rank; ++k) elements *= type.shape.extent[static_cast<std::size_t>(k)];
  if (elements <= static_cast<double>(most_elements)) return;
  throw Error(ErrorCode::limit_exceeded, std::string(op.name) + ": the result would be " + to_string(type) +
                                             "; a value has at most " + std::to_string(most_elements) + " elements");
}

Type type_of_result(const Graph& g, const OpDef& op, std::span<const int> inputs, const Attributes& attributes) {
  switch (op.kind) {
    case Kind::constant: return {.clock = Clock::constant};
    case Kind::param: return {.clock = Clock::control, .shape = attributes.param->shape};
    case Kind::sample_rate: return {.clock = Clock::control};
    case Kind::frame_index: return attributes.hop > 0 ? Type{.clock = Clock::hop, .hop = attributes.hop} : Type{};
    case Kind::input:
    case Kind::noise:
    case Kind::handle: return {};
    case Kind::pointwise: return join_types(g, op, inputs, 0);
    case Kind::reduce: {
      Type type = join_types(g, op, inputs, 0);
      const std::int32_t ticks = type.clock == Clock::hop ? type.hop : attributes.hop;
      if (ticks != attributes.hop || (ticks > 0 && type.clock == Clock::frame))
        refuse_input(g, op, inputs[0], "it cannot be summed over ticks of " + std::to_string(attributes.hop) + " frames");
      type.clock = Clock::control, type.hop = 0;
      return type;
    }
    case Kind::delay: {
      Type type = every_frame(g, op, inputs, 1);
      expect_input(g, op, inputs, 0, DType::signal, "a signal");
      if (g[inputs[0]].type.clock == Clock::hop) refuse_input(g, op, inputs[0], "bring it to frames with hold");
      type.clock = Clock::frame;
      type.shape = g[inputs[0]].type.shape;
      return type;
    }
    case Kind::table: return {.dtype = DType::table};  // it may be written; close_loops knows
    case Kind::gather: {
      expect_input(g, op, inputs, 0, DType::table, "a table");
      Type type = every_frame(g, op, inputs, 1);
      if (g[inputs[0]].type.clock == Clock::frame || type.clock == Clock::constant)
        type.clock = std::max(type.clock, g[inputs[0]].type.clock);
      return type;
    }
    case Kind::scatter:
      expect_input(g, op, inputs, 0, DType::table, "a table");
      every_frame(g, op, inputs, 1);
      return {.dtype = DType::table};
    case Kind::cell: {
      Type type = join_types(g, op, inputs, 0);
      if (type.clock == Clock::hop) refuse_input(g, op, inputs[0], "bring it to frames with hold");
      type.clock = Clock::frame;
      return type;
    }
    case Kind::line: return {.dtype = DType::line};
    case Kind::line_read: {
      expect_input(g, op, inputs, 0, DType::line, "a delay line");
      Type type = every_frame(g, op, inputs, 1);
      type.clock = Clock::frame;
      return type;
    }
    case Kind::sequence: return g[inputs.back()].type;
    case Kind::recur: return {.dtype = DType::tuple};
    case Kind::result: {
      const Recurrence& recurrence = *g[inputs[0]].attributes.recurrence;
      Type type = (*recurrence.body)[recurrence.results[static_cast<std::size_t>(attributes.size)]].type;
      type.clock = Clock::frame, type.hop = 0;  // a loop runs every frame, also where its value was folded to a constant
      return type;
    }
    case Kind::tensor: return {.clock = Clock::constant, .shape = attributes.shape};
    case Kind::window: return windowed(g, op, inputs, attributes);
    case Kind::overlap_add: return overlapped(g, op, inputs, attributes);
    case Kind::hold: return {.clock = Clock::frame, .shape = join_types(g, op, inputs, 0).shape};
    case Kind::expand: return expanded(g, op, inputs, attributes);
    case Kind::contract: {
      Type type = join_types(g, op, inputs, 0);
      if (!broadcasts_to(attributes.shape, type.shape))
        refuse_input(g, op, inputs[0], to_string(attributes.shape) + " does not broadcast to it");
      type.shape = attributes.shape;
      return type;
    }
    case Kind::reshape: {
      Type type = join_types(g, op, inputs, 0);
      if (type.shape.elements() != attributes.shape.elements())
        refuse_input(g, op, inputs[0],
                     "it cannot be reshaped to " + to_string(attributes.shape) + ", which has " +
                         std::to_string(attributes.shape.elements()) + " elements");
      type.shape = attributes.shape;
      return type;
    }
    case Kind::linear: return multiplied(g, op, inputs, attributes);
    case Kind::outer: return outer_product(g, op, inputs);
    case Kind::view:
    case Kind::view_sum:
    case Kind::matmul:
    case Kind::cumulate:
    case Kind::extremum:
    case Kind::take:
    case Kind::scatter_add: return tensor_type(g, op, inputs, attributes);
    case Kind::fft: return transformed(g, op, inputs, attributes);
    case Kind::state:
    case Kind::argument:
    case Kind::composite: break;
  }
  throw InternalError("the type of " + std::string(op.name) + " does not follow from its inputs");
}

}  // namespace

Type infer_type(const Graph& g, const OpDef& op, std::span<const int> inputs, const Attributes& attributes) {
  const Type type = type_of_result(g, op, inputs, attributes);
  check_size(op, type);
  return type;
}

}  // namespace dgen

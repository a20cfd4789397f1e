#include "graph/tensor_types.h"

#include "base/index.h"
#include "dgen/error.h"
#include "graph/describe.h"
#include "graph/join_types.h"
#include "graph/tensor_elements.h"

namespace dgen {

namespace {

/// "in (a.cpp:3) [2, 3]"
std::string shaped(const Graph& g, int id) { return describe(g, id) + " " + to_string(g[id].type.shape); }

Type matmul_type(const Graph& g, const OpDef& op, std::span<const int> inputs, const Attributes& a) {
  Type type = join_clocks(g, op, inputs);
  const Shape &x = g[inputs[0]].type.shape, &y = g[inputs[1]].type.shape;
  for (const int input : inputs) {
    if (g[input].type.shape.rank < 2) refuse_input(g, op, input, "a matrix has at least two dimensions, [rows, columns]");
  }
  const int left = a.size & 1 ? 2 : 1, right = a.size & 2 ? 1 : 2;  // the axes that are summed over, from the last
  if (x.extent[at(x.rank - left)] != y.extent[at(y.rank - right)]) {
    refuse_input(g, op, inputs[0],
                 "its " + std::to_string(x.extent[at(x.rank - left)]) + (left == 1 ? " columns" : " rows") + " do not meet the " +
                     std::to_string(y.extent[at(y.rank - right)]) + (right == 2 ? " rows" : " columns") + " of " +
                     shaped(g, inputs[1]));
  }
  const auto leads = [](Shape shape) {
    shape.extent[at(shape.rank - 1)] = shape.extent[at(shape.rank - 2)] = 1;
    return shape;
  };
  try {
    type.shape = broadcast(leads(x), leads(y));
  } catch (const Error&) {
    refuse_input(g, op, inputs[0], "its axes in front of the matrices do not broadcast with those of " + shaped(g, inputs[1]));
  }
  type.shape.extent[at(type.shape.rank - 2)] = x.extent[at(x.rank - (3 - left))];
  type.shape.extent[at(type.shape.rank - 1)] = y.extent[at(y.rank - (3 - right))];
  return type;
}

void check_axis(const Graph& g, const OpDef& op, int input, int axis) {
  if (axis < 0 || axis >= g[input].type.shape.rank) refuse_input(g, op, input, "it has no axis " + std::to_string(axis));
}

Type cumulate_type(const Graph& g, const OpDef& op, std::span<const int> inputs, const Attributes& a) {
  check_axis(g, op, inputs[0], a.axis);
  Type type = join_clocks(g, op, inputs);
  type.shape = g[inputs[0]].type.shape;
  if (!broadcasts_to(g[inputs[1]].type.shape, type.shape))
    refuse_input(g, op, inputs[1], "it does not broadcast to " + shaped(g, inputs[0]));
  return type;
}

/// Along all axes but one x0 and x1 broadcast; along that one the result has the extent of x1.
Type take_type(const Graph& g, const OpDef& op, std::span<const int> inputs, const Attributes& a) {
  check_axis(g, op, inputs[0], a.axis);
  const Shape &x = g[inputs[0]].type.shape, &index = g[inputs[1]].type.shape;
  if (index.rank != x.rank) refuse_input(g, op, inputs[1], "it must have as many dimensions as " + shaped(g, inputs[0]));
  Type type = join_clocks(g, op, inputs);
  try {
    type.shape = broadcast(with_extent(x, a.axis, 1), index);
  } catch (const Error&) {
    refuse_input(g, op, inputs[1],
                 "but for axis " + std::to_string(a.axis) + " it does not broadcast with " + shaped(g, inputs[0]));
  }
  return type;
}

Type scatter_add_type(const Graph& g, const OpDef& op, std::span<const int> inputs, const Attributes& a) {
  check_axis(g, op, inputs[0], a.axis);
  Type type = join_clocks(g, op, inputs);
  const Shape& x = g[inputs[0]].type.shape;
  if (!broadcasts_to(g[inputs[1]].type.shape, x))
    refuse_input(g, op, inputs[1], "it does not broadcast to " + shaped(g, inputs[0]));
  type.shape = with_extent(x, a.axis, static_cast<std::int32_t>(a.size));
  return type;
}

}  // namespace

Type tensor_type(const Graph& g, const OpDef& op, std::span<const int> inputs, const Attributes& attributes) {
  if (op.kind == Kind::matmul) return matmul_type(g, op, inputs, attributes);
  if (op.kind == Kind::cumulate) return cumulate_type(g, op, inputs, attributes);
  if (op.kind == Kind::take) return take_type(g, op, inputs, attributes);
  if (op.kind == Kind::scatter_add) return scatter_add_type(g, op, inputs, attributes);
  Type type = join_clocks(g, op, inputs);
  if (op.kind == Kind::extremum) {
    check_axis(g, op, inputs[0], attributes.axis);
    type.shape = with_extent(g[inputs[0]].type.shape, attributes.axis, 1);
    return type;
  }
  check(op.kind == Kind::view || op.kind == Kind::view_sum, "an op that relates the elements of tensors");
  const Shape& mapped = op.kind == Kind::view ? attributes.shape : g[inputs[0]].type.shape;
  check(static_cast<std::int64_t>(attributes.map->size()) == mapped.elements(), "the map of a view has all its elements");
  type.shape = attributes.shape;
  return type;
}

}  // namespace dgen

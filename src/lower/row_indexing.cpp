// The steps of indices that move: reads gather a vector of elements, additions go one after another.

#include "base/index.h"
#include "graph/tensor_elements.h"
#include "lower/access.h"
#include "lower/row_operand.h"
#include "lower/row_steps.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// For each element of `shape`, element 0 along the axis of a value that broadcasts to it but there, where it has `size`.
int first_places(RowContext& rows, const Shape& from, const Shape& shape, int axis, std::int32_t size) {
  const Along along(shape, axis);
  const std::vector<std::int64_t> index = broadcast_index(from, with_extent(shape, axis, size));
  std::vector<std::int64_t> first;
  for (std::int64_t e = 0; e < shape.elements(); ++e) {
    const std::int64_t outer = e / (along.extent * along.inner), inner = e % along.inner;
    first.push_back(index[static_cast<std::size_t>(outer * size * along.inner + inner)]);
  }
  return rows.buffers.index_table(first);
}

}  // namespace

void write_take_step(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  const Node& node = rows.g[id];
  const Shape &from = rows.g[node.inputs[0]].type.shape, &shape = node.type.shape;
  const int axis = node.attributes.axis;
  const std::int32_t size = from.extent[at(axis)];
  const RowOperand x(rows, node.inputs[0]), index(rows, node.inputs[1], shape);
  const int first = first_places(rows, from, shape, axis, size);
  const Row to = rows.row(id);
  const bool wide = shape.elements() > 1;
  b.loop(rows.whole(0), rows.whole(shape.elements()), wide, [&](Value e) {
    const TableIndex found = table_index(index.load(e, wide), size, node.attributes.bound);
    const Value step = rows.whole(Along(from, axis).inner);
    const Value place = b.load(first, e, wide) + found.index * (wide ? b.broadcast(step) : step);
    const Value taken = wide ? x.gather(place) : x.load(place, false);
    b.store(to.buffer, to.base + e, found.inside.builder ? select(found.inside, taken, 0.0) : taken);
  });
}

void write_scatter_add_step(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  const Node& node = rows.g[id];
  const Shape& shape = rows.g[node.inputs[0]].type.shape;
  const auto size = static_cast<std::int32_t>(node.attributes.size);
  clear_row(rows, id);
  const RowOperand x(rows, node.inputs[0]), index(rows, node.inputs[1], shape);
  const int first = first_places(rows, node.type.shape, shape, node.attributes.axis, size);
  const Row to = rows.row(id);
  each_number(rows, shape.elements(), [&](Value e) {
    const TableIndex found = table_index(index.load(e, false), size, node.attributes.bound);
    const Value step = rows.whole(Along(shape, node.attributes.axis).inner);
    const Value place = to.base + b.load(first, e, false) + found.index * step;
    const Value addend = x.load(e, false);
    b.store(to.buffer, place,
            b.load(to.buffer, place, false) + (found.inside.builder ? select(found.inside, addend, 0.0) : addend));
  });
}

}  // namespace dgen::lower

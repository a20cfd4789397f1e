// The step that multiplies a control value by a matrix: once for every change, so that the matrix is read as it lies.

#include "base/index.h"
#include "lower/row_steps.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// y[o] = sum over i of m[o, i] x[i]: lanes are inputs, and are added up for each output.
void along_rows(RowContext& rows, const Row& matrix, const Row& x, const Row& y, std::int64_t outputs, std::int64_t inputs) {
  ir::Builder& b = rows.builder;
  const Value zero = rows.whole(0), all = rows.whole(ir::padding);
  b.loop(zero, all, true, [&](Value e) { b.store(rows.lanes, e, b.number({Scalar::f32, true}, 0)); });
  b.loop(zero, rows.whole(outputs), false, [&](Value o) {
    const ir::Local sum = b.local("sum", b.number({Scalar::f32, true}, 0));
    b.loop(zero, rows.whole(inputs), true, [&](Value i) {
      Value product = rows.load(matrix, o * rows.whole(inputs) + i, true) * rows.load(x, i, true);
      if (inputs % ir::padding != 0) product = select(b.broadcast(i) + b.lane() < b.broadcast(rows.whole(inputs)), product, 0.0);
      sum.set(sum.get() + product);
    });
    b.store(rows.lanes, zero, sum.get());
    const ir::Local total = b.local("total", b.number({Scalar::f32, false}, 0));
    b.loop(zero, all, false, [&](Value e) { total.set(total.get() + b.load(rows.lanes, e, false)); });
    b.store(y.buffer, y.base + o, total.get());
  });
}

/// y[o] = sum over i of m[i, o] x[i]: lanes are outputs.
void along_columns(RowContext& rows, const Row& matrix, const Row& x, const Row& y, std::int64_t outputs, std::int64_t inputs) {
  ir::Builder& b = rows.builder;
  b.loop(rows.whole(0), rows.whole(outputs), true, [&](Value o) {
    const ir::Local sum = b.local("sum", b.number({Scalar::f32, true}, 0));
    b.loop(rows.whole(0), rows.whole(inputs), false, [&](Value i) {
      sum.set(sum.get() + b.broadcast(rows.load(x, i, false)) * rows.load(matrix, i * rows.whole(outputs) + o, true));
    });
    b.store(y.buffer, y.base + o, sum.get());
  });
}

}  // namespace

void write_linear_once_step(RowContext& rows, int id) {
  const Node& node = rows.g[id];
  const Shape &from = rows.g[node.inputs[0]].type.shape, &to = node.type.shape;
  const std::int64_t inputs = from.extent[at(from.rank - 1)], outputs = to.extent[at(to.rank - 1)];
  const auto multiply = node.attributes.size == 1 ? along_columns : along_rows;
  rows.each_tick([&] {
    const Row matrix = rows.row(node.inputs[1]), x = rows.row(node.inputs[0]), y = rows.row(id);
    rows.builder.loop(rows.whole(0), rows.whole(rows.elements(id) / outputs), false, [&](Value lead) {
      multiply(rows, matrix, {x.buffer, x.base + lead * rows.whole(inputs), false},
               {y.buffer, y.base + lead * rows.whole(outputs), false}, outputs, inputs);
    });
  });
}

}  // namespace dgen::lower

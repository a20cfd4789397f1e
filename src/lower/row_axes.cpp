// The steps that run along an axis: lanes are the elements behind it; where there are none, one element after another.

#include "graph/tensor_elements.h"
#include "lower/access.h"
#include "lower/row_operand.h"
#include "lower/row_steps.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// Calls `body` with the place of element 0 along the axis, for each of the others: a vector of them where there are some.
void each_run(RowContext& rows, const Along& along, const std::function<void(Value outer, Value inner, bool wide)>& body) {
  each_number(rows, along.outer, [&](Value outer) {
    if (along.inner == 1) return body(outer, rows.whole(0), false);
    rows.builder.loop(rows.whole(0), rows.whole(along.inner), true, [&](Value inner) { body(outer, inner, true); });
  });
}

void store(RowContext& rows, const Row& to, Value base, Value inner, const Along& along, Value value) {
  if (along.inner == 1) return rows.builder.store(to.buffer, to.base + base, value);
  store_piece(rows, to.buffer, to.base + base, inner, along.inner, value);
}

}  // namespace

void write_cumulate_step(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  const Node& node = rows.g[id];
  const Along along(node.type.shape, node.attributes.axis);
  const RowOperand x(rows, node.inputs[0]), factor(rows, node.inputs[1], node.type.shape);
  const Row to = rows.row(id);
  const bool from_end = node.attributes.size == 1;
  each_run(rows, along, [&](Value outer, Value inner, bool wide) {
    const auto base = [&](Value k) { return (outer * rows.whole(along.extent) + k) * rows.whole(along.inner); };
    const Value first = base(rows.whole(from_end ? along.extent - 1 : 0));
    const ir::Local before = b.local("before", x.load(first + inner, wide));
    store(rows, to, first, inner, along, before.get());
    b.loop(rows.whole(1), rows.whole(along.extent), false, [&](Value n) {
      const Value place = base(from_end ? rows.whole(along.extent - 1) - n : n);
      before.set(x.load(place + inner, wide) + factor.load(place + inner, wide) * before.get());
      store(rows, to, place, inner, along, before.get());
    });
  });
}

void write_extremum_step(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  const Node& node = rows.g[id];
  const Along along(rows.g[node.inputs[0]].type.shape, node.attributes.axis);
  const RowOperand x(rows, node.inputs[0]);
  const Row to = rows.row(id);
  const bool smallest = node.attributes.size == 1;
  each_run(rows, along, [&](Value outer, Value inner, bool wide) {
    const auto element = [&](Value k) {
      return x.load((outer * rows.whole(along.extent) + k) * rows.whole(along.inner) + inner, wide);
    };
    const ir::Local best = b.local("best", element(rows.whole(0))), where = b.local("where", b.number({Scalar::f32, wide}, 0));
    b.loop(rows.whole(1), rows.whole(along.extent), false, [&](Value k) {
      const Value next = element(k), better = smallest ? next < best.get() : best.get() < next;
      const Value number = convert(Scalar::f32, k);
      where.set(select(better, wide ? b.broadcast(number) : number, where.get()));
      best.set(select(better, next, best.get()));
    });
    store(rows, to, outer * rows.whole(along.inner), inner, along, where.get());
  });
}

}  // namespace dgen::lower

// The step that goes element by element through several nodes.

#include <vector>

#include "base/index.h"
#include "graph/elements.h"
#include "lower/access.h"
#include "lower/frame_kernel.h"
#include "lower/row_steps.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

Value compute(RowContext& rows, int id, Value e, std::int64_t count) {
  const Node& node = rows.g[id];
  if (node.op->kind == Kind::frame_index) return rows.ticks.frame_number();
  std::vector<Value> x;
  for (const int input : node.inputs) {
    const bool spread = rows.elements(input) > 1 && rows.elements(input) != count;
    if (!spread) {
      x.push_back(rows.of(input, e, count));
      continue;
    }
    // Broadcast along some axes: the elements are picked by a table.
    const int table = rows.buffers.index_table(broadcast_index(rows.g[input].type.shape, node.type.shape));
    const Row from = rows.row(input);
    const Value index = rows.builder.load(table, e, true);
    x.push_back(rows.gather(from, index));
  }
  return node.op->kind == Kind::pointwise ? lower_pointwise(*node.op, rows.builder, x) : x[0];
}

/// Puts an element-wise value where others read it.
void store_elements(RowContext& rows, int id, Value e, Value value) {
  if (const auto own = rows.scratch.find(id); own != rows.scratch.end())
    rows.builder.store(own->second, rows.ticks.in_group * rows.whole(rows.stride(id)) + e, value);
  if (rows.g[id].type.clock == Clock::hop) rows.publish(id, e, value);
}

/// Adds the lanes of a vector.
void finish_sum(RowContext& rows, int id, Value partial) {
  ir::Builder& b = rows.builder;
  const Value zero = rows.whole(0), all = rows.whole(ir::padding);
  b.loop(zero, all, true, [&](Value e) { b.store(rows.lanes, e, b.number({Scalar::f32, true}, 0)); });
  b.store(rows.lanes, zero, partial);
  const ir::Local total = b.local("total", b.number({Scalar::f32, false}, 0));
  b.loop(zero, all, false, [&](Value e) { total.set(total.get() + b.load(rows.lanes, e, false)); });
  b.store(rows.scratch.at(id), rows.ticks.in_group, total.get());
}

}  // namespace

void write_elements_step(RowContext& rows, const RowStep& step) {
  ir::Builder& b = rows.builder;
  std::vector<ir::Local> sums;
  for (std::size_t k = 0; k < step.sums.size(); ++k) sums.push_back(b.local("sum", b.number({Scalar::f32, true}, 0)));
  b.loop(rows.whole(0), rows.whole(step.count), true, [&](Value e) {
    rows.value.clear();
    for (const int id : step.nodes) rows.value[id] = compute(rows, id, e, step.count);
    for (const int id : step.nodes) store_elements(rows, id, e, b.broadcast(rows.value.at(id)));
    for (std::size_t k = 0; k < sums.size(); ++k) {
      Value x = rows.of(rows.g[step.sums[k]].inputs[0], e, step.count);
      if (step.count % ir::padding != 0) {
        const Value inside = b.broadcast(e) + b.lane() < b.broadcast(rows.whole(step.count));
        x = select(inside, x, 0.0);
      }
      sums[k].set(sums[k].get() + x);
    }
    rows.value.clear();
  });
  for (std::size_t k = 0; k < sums.size(); ++k) finish_sum(rows, step.sums[k], sums[k].get());
}

void write_numbers_step(RowContext& rows, const RowStep& step) {
  ir::Builder& b = rows.builder;
  const Value zero = rows.whole(0);
  for (const int id : step.nodes) {
    const Node& node = rows.g[id];
    if (node.op->kind == Kind::reduce) {
      const Value x = rows.of(node.inputs[0], zero, 1);
      const int sum = rows.buffers.sum.at(id);
      b.store(sum, zero, b.load(sum, zero, false) + convert(Scalar::f64, x));
    } else if (node.op->kind == Kind::hold) {
      hold_value(rows, id, rows.of(node.inputs[0], zero, 1));
    } else {
      const Value x = compute(rows, id, zero, 1);
      rows.value[id] = x;
      store_elements(rows, id, zero, x);
    }
  }
}

}  // namespace dgen::lower

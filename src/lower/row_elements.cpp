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
  if (rows.once || rows.g[id].type.clock == Clock::hop) rows.publish(id, e, value);
}

/// Elements behind the last hold anything: 0 instead.
Value inside(RowContext& rows, Value e, std::int64_t count, Value x) {
  if (count % ir::padding == 0) return x;
  ir::Builder& b = rows.builder;
  return select(b.broadcast(e) + b.lane() < b.broadcast(rows.whole(count)), x, 0.0);
}

/// Adds elements to their sums over time, in double.
void add_over_time(RowContext& rows, int id, Value e, std::int64_t count) {
  ir::Builder& b = rows.builder;
  const int sum = rows.buffers.sum.at(id);
  const Value x = inside(rows, e, count, b.broadcast(rows.of(rows.g[id].inputs[0], e, count)));
  b.store(sum, e, b.load(sum, e, true) + convert(Scalar::f64, x));
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
  if (rows.once) rows.publish(id, zero, total.get());
}

}  // namespace

void write_elements_step(RowContext& rows, const RowStep& step) {
  ir::Builder& b = rows.builder;
  std::vector<ir::Local> sums;
  for (std::size_t k = 0; k < step.sums.size(); ++k) sums.push_back(b.local("sum", b.number({Scalar::f32, true}, 0)));
  b.loop(rows.whole(0), rows.whole(step.count), true, [&](Value e) {
    rows.value.clear();
    const auto reduces = [&](int id) { return rows.g[id].op->kind == Kind::reduce; };
    for (const int id : step.nodes) {
      if (!reduces(id)) rows.value[id] = compute(rows, id, e, step.count);
    }
    for (const int id : step.nodes)
      reduces(id) ? add_over_time(rows, id, e, step.count) : store_elements(rows, id, e, b.broadcast(rows.value.at(id)));
    for (std::size_t k = 0; k < sums.size(); ++k) {
      const Value x = rows.of(rows.g[step.sums[k]].inputs[0], e, step.count);
      sums[k].set(sums[k].get() + inside(rows, e, step.count, x));
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

// The step that goes element by element through several nodes.

#include <optional>
#include <vector>

#include "base/index.h"
#include "graph/elements.h"
#include "graph/turns.h"
#include "lower/access.h"
#include "lower/pointwise.h"
#include "lower/row_loop.h"
#include "lower/row_repeated.h"
#include "lower/row_steps.h"
#include "lower/row_sums.h"
#include "lower/rows.h"
#include "ops/expand_trigonometric.h"
#include "schedule/phase.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// A sine of turns that this step has, which is reduced exactly and in fewer operations.
std::optional<Value> sine_at(RowContext& rows, int id, std::int64_t count) {
  const std::optional<Turns> turns = sine_of_turns(rows.g, id);
  if (!turns || turns->factor != 1 || rows.elements(turns->of) != count || !rows.value.contains(turns->of)) return {};
  return ops::expand::sine_of_turns(rows.value.at(turns->of), turns->offset);
}

Value compute(RowContext& rows, const RepeatedRows& repeated, int id, Value e, std::int64_t count) {
  const Node& node = rows.g[id];
  if (node.op->kind == Kind::frame_index) return rows.ticks.frame_number();
  if (node.op->kind == Kind::line_read) return rows.read_line(id);
  if (const auto sine = sine_at(rows, id, count)) return *sine;
  std::vector<Value> x;
  for (const int input : node.inputs) {
    const bool spread = rows.elements(input) > 1 && rows.elements(input) != count;
    if (!spread) {
      x.push_back(rows.of(input, e, count));
      continue;
    }
    if (const Row* row = repeated.find(input, node.type.shape)) {
      x.push_back(rows.load(*row, e, true));
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
  rows.publish(id, e, value);
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

bool is(const RowContext& rows, int id, Kind kind) { return rows.g[id].op->kind == kind; }

/// The values of a step's nodes at a tick, elements e …; loops: of its recurs, in their order.
void write_nodes(RowContext& rows, const RowStep& step, const RepeatedRows& repeated, Value e, std::vector<SeparateLoop>& loops) {
  auto loop = loops.begin();
  for (const int id : step.nodes) {
    if (is(rows, id, Kind::recur))
      (loop++)->tick(e);
    else if (!is(rows, id, Kind::reduce) && !is(rows, id, Kind::result))
      rows.value[id] = compute(rows, repeated, id, e, step.count);
  }
  for (const int id : step.nodes) {
    if (is(rows, id, Kind::recur)) continue;
    if (is(rows, id, Kind::reduce))
      add_over_time(rows, id, e, step.count);
    else
      store_elements(rows, id, e, rows.builder.broadcast(rows.value.at(id)));
  }
}

Value addend(RowContext& rows, const RowStep& step, int sum, Value e) {
  return inside(rows, e, step.count, rows.builder.broadcast(rows.of(rows.g[sum].inputs[0], e, step.count)));
}

}  // namespace

void write_elements_step(RowContext& rows, const RowStep& step) {
  ir::Builder& b = rows.builder;
  std::vector<SeparateLoop> none;
  std::vector<ir::Local> sums;
  for (std::size_t k = 0; k < step.sums.size(); ++k) sums.push_back(b.local("sum", b.number({Scalar::f32, true}, 0)));
  const RepeatedRows repeated(rows, step);
  b.loop(rows.whole(0), rows.whole(step.count), true, [&](Value e) {
    rows.value.clear();
    write_nodes(rows, step, repeated, e, none);
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k].set(sums[k].get() + addend(rows, step, step.sums[k], e));
    rows.value.clear();
  });
  for (std::size_t k = 0; k < sums.size(); ++k) write_sum(rows, step.sums[k], sums[k].get());
}

namespace {

/// Vectors of elements that go through the ticks together: a loop waits for its own last result, and several hide that.
std::int64_t vectors_together(const RowContext& rows, const RowStep& step) {
  constexpr std::int64_t most_states = 8;  // registers
  std::int64_t states = 0;
  for (const int id : step.nodes) {
    if (is(rows, id, Kind::recur)) states += static_cast<std::int64_t>(rows.g[id].attributes.recurrence->states.size());
  }
  const std::int64_t whole_vectors = padded(step.count) / ir::padding;
  for (const std::int64_t together : {4, 2}) {
    if (whole_vectors % together == 0 && states * together <= most_states) return together;
  }
  return 1;
}

/// Neighbours first: none of the additions waits for all before it.
Value sum_of_pairs(std::vector<Value> x) {
  while (x.size() > 1) {
    std::vector<Value> sums;
    for (std::size_t k = 0; k + 1 < x.size(); k += 2) sums.push_back(x[k] + x[k + 1]);
    if (x.size() % 2 == 1) sums.push_back(x.back());
    x = std::move(sums);
  }
  return x[0];
}

/// Some vectors of elements through the ticks of a block. The first ones begin the sums, the others are added to them.
void write_vectors(RowContext& rows, const RowStep& step, const std::vector<Value>& each) {
  ir::Builder& b = rows.builder;
  const Value first = each[0] == rows.whole(0);
  std::vector<std::vector<SeparateLoop>> loops(each.size());
  for (std::size_t v = 0; v < each.size(); ++v) {
    for (const int id : step.nodes) {
      if (!is(rows, id, Kind::recur)) continue;
      loops[v].emplace_back(rows, id);
      loops[v].back().load(each[v]);
    }
  }
  rows.each_tick([&] {
    std::vector<std::vector<Value>> addends(step.sums.size());
    for (std::size_t v = 0; v < each.size(); ++v) {
      rows.value.clear();
      write_nodes(rows, step, {}, each[v], loops[v]);
      for (std::size_t k = 0; k < addends.size(); ++k) addends[k].push_back(addend(rows, step, step.sums[k], each[v]));
    }
    const Value place = rows.ticks.in_group * rows.whole(ir::padding);
    for (std::size_t k = 0; k < addends.size(); ++k) {
      const int partial = rows.partial.at(step.sums[k]);
      const Value sum = sum_of_pairs(addends[k]);
      b.store(partial, place, select(b.broadcast(first), sum, b.load(partial, place, true) + sum));
    }
  });
  for (std::size_t v = 0; v < each.size(); ++v) {
    for (SeparateLoop& loop : loops[v]) loop.store(each[v]);
  }
}

}  // namespace

void write_looped_elements_step(RowContext& rows, const RowStep& step) {
  ir::Builder& b = rows.builder;
  for (const int id : step.nodes) {
    if (is(rows, id, Kind::recur) && !schedule::row_phase(rows.g, id)) start_loop(rows, id);
  }
  const std::int64_t together = vectors_together(rows, step);
  const std::int64_t part = together == 1 ? step.count : padded(step.count) / together;
  b.loop(rows.whole(0), rows.whole(part), true, [&](Value e) {
    std::vector<Value> each{e};
    for (std::int64_t v = 1; v < together; ++v) each.push_back(e + rows.whole(v * part));
    write_vectors(rows, step, each);
  });
  for (const int sum : step.sums) write_sums_of_block(rows, sum);
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
      rows.value[id] = rows.of(node.inputs[0], zero, 1);
      if (const auto own = rows.scratch.find(id); own != rows.scratch.end())
        b.store(own->second, rows.ticks.in_group, rows.value.at(id));
    } else {
      const Value x = compute(rows, {}, id, zero, 1);
      rows.value[id] = x;
      store_elements(rows, id, zero, x);
    }
  }
}

}  // namespace dgen::lower

#include "lower/row_context.h"

#include <algorithm>
#include <optional>

#include "base/index.h"
#include "dgen/error.h"
#include "lower/access.h"
#include "lower/lane_loop.h"
#include "lower/row_steps.h"
#include "lower/rows.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// Where vectors of elements go through loops of their own tick after tick, and nothing else is done: many ticks, as long as
/// rows of them stay in the first-level cache.
std::optional<int> ticks_of_loops(const Graph& g, const RowPlan& plan, int lanes) {
  constexpr std::int64_t most_ticks = 64, most_elements = 4096;
  const auto in_lanes = [&](const RowStep& step) {
    return step.form == RowStep::Form::recur && runs_in_lanes(g, step.nodes[0], lanes);
  };
  const auto is_by_elements = [&](const RowStep& step) {
    return step.form == RowStep::Form::elements || step.form == RowStep::Form::copy || in_lanes(step);
  };
  const auto loops = [&](const RowStep& step) { return has_loops(g, step) || in_lanes(step); };
  if (!std::ranges::all_of(plan.steps, is_by_elements) || std::ranges::none_of(plan.steps, loops)) return {};
  std::int64_t widest = 1, ticks = most_ticks;
  for (const RowStep& step : plan.steps) widest = std::max(widest, step.count);
  for (const auto& [id, step] : plan.step_of) widest = std::max(widest, g[id].type.shape.elements());
  while (ticks > ir::padding && ticks * widest > most_elements) ticks /= 2;
  return static_cast<int>(ticks);
}

/// Matrices are read once for the ticks of a block; few ticks would leave most of a block empty.
int ticks_of_a_block(const Graph& g, const schedule::Stage& stage, const RowPlan& plan, int lanes) {
  for (const int id : stage.nodes) {
    if (transforms_across(g, id)) return static_cast<int>(side_by_side);
  }
  if (stage.hop == 0) return 1;
  if (stage.hop == 1) return ticks_of_loops(g, plan, lanes).value_or(8);
  return stage.hop <= 16 ? 8 : stage.hop <= 64 ? 4 : 1;
}

}  // namespace

RowContext::RowContext(const schedule::Schedule& schedule, const schedule::Stage& its_stage, Buffers& its_buffers,
                       ir::Module& module, ir::Builder& its_builder)
    : stage(its_stage), g(*schedule.graph), buffers(its_buffers), builder(its_builder), backward(module.run == ir::Run::backward),
      once(stage.order == schedule::Order::control_rows), plan(plan_rows(g, stage, module.run)),
      ticks(builder, stage.hop, backward, ticks_of_a_block(g, stage, plan, module.lanes)) {
  once ? place_control_rows(module) : place_rows(module);
  place_lanes(module);
  place_turned(module);
  prepare();
}

std::int64_t RowContext::stride(int id) const { return row_stride(g[id].type.shape); }

RowContext::RowContext(RowContext& outer, int recur, const schedule::Stage& body_stage, std::span<const int> kept,
                       ir::Module& module)
    : stage(body_stage), g(*outer.g[recur].attributes.recurrence->body), buffers(outer.buffers), builder(outer.builder),
      backward(outer.backward), once(false), plan(plan_rows(g, stage, ir::Run::stream)), ticks(RowTicks::one_of(outer.ticks)),
      outer_(&outer), recur_(recur) {
  place_rows(module);
  place_turned(module);
  for (const int id : kept) place_row(module, id);
}

/// Transposes of what is multiplied transposed.
void RowContext::place_turned(ir::Module& module) {
  for (const auto& [id, step] : plan.step_of) {
    if (g[id].op->kind != Kind::matmul || turned_elements(g, id) == 0) continue;
    const std::string name = (outer_ ? "loop" + std::to_string(recur_) + "_" : "") + "turned" + std::to_string(id);
    module.buffers.push_back({.name = name, .space = ir::Space::scratch, .size = turned_elements(g, id)});
    turned[id] = static_cast<int>(module.buffers.size()) - 1;
  }
}

void RowContext::place_row(ir::Module& module, int of) {
  const int id = plan.origin(of);
  if (!plan.step_of.contains(id) || scratch.contains(id) || g[id].type.dtype != DType::signal) return;
  const std::string name = (outer_ ? "loop" + std::to_string(recur_) + "_" : "rows") + std::to_string(id);
  module.buffers.push_back({.name = name, .space = ir::Space::scratch, .size = ticks.group * stride(id)});
  scratch[id] = static_cast<int>(module.buffers.size()) - 1;
}

/// Rows for what another step reads.
void RowContext::place_rows(ir::Module& module) {
  for (const auto& [id, step] : plan.step_of) {
    const bool joined = is_element_wise(g, id) || is_full_sum(g, id);
    for (const int x : g[id].inputs) {
      const auto made = plan.step_of.find(x);
      const bool direct = joined && made != plan.step_of.end() && made->second == step && is_element_wise(g, x);
      if (!direct) place_row(module, x);
    }
    if (!is_element_wise(g, id)) place_row(module, id);
  }
  for (const RowStep& step : plan.steps) {
    if (step.form == RowStep::Form::add) place_row(module, g[step.nodes[0]].inputs[0]);
    if (has_loops(g, step)) {
      for (const int sum : step.sums) {
        module.buffers.push_back(
            {.name = "partial" + std::to_string(sum), .space = ir::Space::scratch, .size = ticks.group * ir::padding});
        partial[sum] = static_cast<int>(module.buffers.size()) - 1;
      }
    }
    if (step.form == RowStep::Form::copy) place_row(module, step.nodes[0]);
    if (step.form == RowStep::Form::sliding_add) place_row(module, g[g[step.nodes[0]].inputs[0]].inputs[0]);
    if (step.form != RowStep::Form::outer_sum) continue;
    for (const int x : g[g[step.nodes[0]].inputs[0]].inputs) place_row(module, x);
  }
}

/// Every value's row, for the steps here and for other stages.
void RowContext::place_control_rows(ir::Module& module) {
  for (const auto& [id, step] : plan.step_of) {
    // Of two elements at least: one of a single element would have no room for a whole vector behind it.
    module.buffers.push_back({.name = "control" + std::to_string(id), .size = std::max<std::int64_t>(2, stride(id))});
    scratch[id] = buffers.control_row[id] = static_cast<int>(module.buffers.size()) - 1;
  }
}

void RowContext::place_lanes(ir::Module& module) {
  const auto adds_lanes = [this](const RowStep& step) {
    return step.form == RowStep::Form::linear_once || (once && !step.sums.empty());
  };
  if (std::none_of(plan.steps.begin(), plan.steps.end(), adds_lanes)) return;
  module.buffers.push_back({.name = "lanes", .space = ir::Space::scratch, .size = ir::padding});
  lanes = static_cast<int>(module.buffers.size()) - 1;
}

/// Loads control values once, before the loops.
void RowContext::prepare() {
  for (const int id : stage.nodes) {
    for (const int x : g[id].inputs) {
      const auto slot = buffers.control_slot.find(x);
      if (slot == buffers.control_slot.end() || prepared_.contains(x) || plan.step_of.contains(x)) continue;
      prepared_[x] = convert(Scalar::f32, builder.load(buffers.control, whole(slot->second), false));
    }
  }
}

void RowContext::each_tick(const std::function<void()>& body) {
  if (outer_) {
    value.clear();
    body();
    value.clear();
    return;
  }
  builder.loop(whole(0), ticks.in_block, false, [&](Value number) {
    ticks.at(number);
    value.clear();
    body();
    value.clear();
  });
}

/// Which row of a value that crosses stages belongs to the tick: frames come in the order of processing.
Value RowContext::tick_of(int id) const { return g[id].type.clock == Clock::frame ? ticks.local : ticks.in_time; }

int RowContext::new_row(const Shape& shape) {
  std::vector<ir::Buffer>& all = builder.module().buffers;
  all.push_back({.name = "repeated" + std::to_string(all.size()), .space = ir::Space::scratch, .size = row_stride(shape)});
  return static_cast<int>(all.size()) - 1;
}

const std::array<ComplexBuffer, 2>& RowContext::transform_work(std::int64_t size) {
  const auto [known, fresh] = transform_work_.try_emplace(size);
  if (!fresh) return known->second;
  std::vector<ir::Buffer>& all = builder.module().buffers;
  const auto add = [&](const char* part) {
    all.push_back({.name = part + std::to_string(all.size()), .space = ir::Space::scratch, .size = size + ir::padding});
    return static_cast<int>(all.size()) - 1;
  };
  for (ComplexBuffer& one : known->second) one.re = add("re"), one.im = add("im");
  return known->second;
}

/// Where what is there without a step of its own lies; none of the others.
std::optional<Row> RowContext::row_in_place(int id) {
  const Node& node = g[id];
  switch (node.op->kind) {
    case Kind::window: {
      const Ring& ring = buffers.history.at(node.inputs[0]);
      const Value mask = whole(ring.capacity - 1);
      if (backward) return Row{ring.buffer, (ticks.frame & mask) + whole(ring.capacity), true};
      return Row{ring.buffer, (ticks.frame - whole(node.attributes.size - 1)) & mask, false};
    }
    case Kind::delay: return delayed_row(id);
    case Kind::overlap_add:
      if (node.type.shape.rank == 0) return {};  // of a frame stage
      return Row{buffers.added.at(id), whole(sums_margin) + ticks.local * whole(stride(id)), false};
    case Kind::input:
      return Row{buffers.input.at(static_cast<int>(node.attributes.size)), ticks.in_time * whole(stride(id)), false};
    case Kind::tensor: return Row{outer_ ? buffers.constant_row(*node.attributes.table) : buffers.tensor.at(id), whole(0), false};
    case Kind::state: return Row{buffers.state.at({recur_, static_cast<int>(node.attributes.size)}), whole(0), false};
    case Kind::argument: return outer_->row(outer_->g[recur_].inputs[static_cast<std::size_t>(node.attributes.size)]);
    case Kind::constant:
    case Kind::param:
    case Kind::sample_rate:
    case Kind::frame_index:
    case Kind::noise:
    case Kind::pointwise:
    case Kind::table:
    case Kind::gather:
    case Kind::scatter:
    case Kind::cell:
    case Kind::line:
    case Kind::line_read:
    case Kind::handle:
    case Kind::reduce:
    case Kind::sequence:
    case Kind::recur:
    case Kind::result:
    case Kind::hold:
    case Kind::expand:
    case Kind::contract:
    case Kind::reshape:
    case Kind::linear:
    case Kind::outer:
    case Kind::view:
    case Kind::view_sum:
    case Kind::matmul:
    case Kind::cumulate:
    case Kind::extremum:
    case Kind::take:
    case Kind::scatter_add:
    case Kind::fft:
    case Kind::composite: return {};
  }
  return {};
}

Row RowContext::row(int id) {
  const Node& node = g[id];
  if (const auto part = plan.parts.find(id); part != plan.parts.end()) {
    Row whole_row = row(part->second.of);
    const Value first = whole(part->second.first);
    whole_row.base = whole_row.back ? whole_row.base - first : whole_row.base + first;
    return whole_row;
  }
  const Value width = whole(stride(id));
  if (const auto rows = scratch.find(id); rows != scratch.end()) return {rows->second, ticks.in_group * width, false};
  if (const std::optional<Row> in_place = row_in_place(id)) return *in_place;
  if (const auto stack = buffers.stack.find(id); stack != buffers.stack.end() && !outer_) return {stack->second, whole(0), false};
  if (node.type.clock <= Clock::control) {
    const auto [buffer, first] = buffers.control_elements(g, id);
    return {buffer, whole(first), false};
  }
  return {buffers.crossing.at(id), buffers.in_crossing(builder, stage, id, tick_of(id) * width), false};
}

/// Of a value with a shape some frames ago; of a number the frame stage that reads the ring has put it into a row.
Row RowContext::delayed_row(int id) {
  const Node& node = g[id];
  if (node.type.shape.rank == 0) return {buffers.crossing.at(id), buffers.in_crossing(builder, stage, id, tick_of(id)), false};
  const Ring& ring = buffers.ring.at(node.inputs[0]);
  const Value back = whole_frames(of(node.inputs[1], whole(0), 1), 0, node.attributes.size);
  return {ring.buffer, ((ticks.frame - back) & whole(ring.capacity - 1)) * whole(stride(id)), false};
}

int RowContext::matrix(int linear) const { return outer_ ? buffers.loop_matrix.at({recur_, linear}) : buffers.matrix.at(linear); }

Value RowContext::load(const Row& row, Value e, bool wide) {
  if (row.back && wide) return builder.load_back(row.buffer, row.base - e);
  return builder.load(row.buffer, row.back ? row.base - e : row.base + e, wide);
}

Value RowContext::read_line(int read) {
  const auto number = static_cast<std::size_t>(g[g[read].inputs[0]].attributes.size);
  const std::int64_t size = outer_->g[recur_].attributes.recurrence->states[number].size;
  const Value back = whole_frames(of(g[read].inputs[1], whole(0), 1), 1, std::max<std::int64_t>(1, size));
  const Value index = (ticks.frame - back) & whole(power_of_two_above(size + 1) - 1);
  return builder.load(buffers.state.at({recur_, static_cast<int>(number)}), index, false);
}

Value RowContext::gather(const Row& row, Value index) {
  const Value base = builder.broadcast(row.base);
  return builder.gather(row.buffer, row.back ? base - index : base + index);
}

Value RowContext::of(int id, Value e, std::int64_t count) {
  const bool wide = count > 1;
  const Node& node = g[id];
  if (const auto known = value.find(id); known != value.end()) return known->second;
  if (node.op->kind == Kind::constant) return builder.number({Scalar::f32, wide}, node.attributes.value);
  if (node.op->kind == Kind::argument) {
    const int given = outer_->g[recur_].inputs[static_cast<std::size_t>(node.attributes.size)];
    outer_->value.clear();
    return outer_->of(given, e, count);
  }
  if (const auto known = prepared_.find(id); known != prepared_.end())
    return wide ? builder.broadcast(known->second) : known->second;
  const Row from = row(id);
  if (elements(id) == 1) {
    const Value number = builder.load(from.buffer, from.base, false);
    return wide ? builder.broadcast(number) : number;
  }
  check(elements(id) == count, "an input has one element or as many as what is made of it");
  return value[id] = load(from, e, true);
}

void RowContext::publish(int id, Value e, Value value_of_id) {
  if (outer_) return;
  if (once) {
    if (const auto slot = buffers.control_slot.find(id); slot != buffers.control_slot.end())
      builder.store(buffers.control, whole(slot->second), convert(Scalar::f64, value_of_id));
    return;
  }
  const Value width = whole(stride(id));
  if (const auto crossing = buffers.crossing.find(id); crossing != buffers.crossing.end())
    builder.store(crossing->second, tick_of(id) * width + e, value_of_id);
  for (const int c : stage.outputs) {
    if (g.outputs()[at(c)].node == id) builder.store(buffers.output.at(c), ticks.in_time * width + e, value_of_id);
  }
  keep_past(id, e, value_of_id);
}

void RowContext::keep_past(int id, Value e, Value value_of_id) {
  const auto has = [id](const std::vector<int>& list) { return std::find(list.begin(), list.end(), id) != list.end(); };
  const bool fills = has(stage.fills), windows = has(stage.windows);
  if (g[id].type.shape.rank == 0) {
    if (fills) store_to_ring(builder, buffers.ring.at(id), ticks.frame, value_of_id);
    if (windows) store_to_history(builder, buffers.history.at(id), ticks.frame, value_of_id);
  } else if (fills || windows) {
    const Ring& ring = buffers.ring.at(id);
    builder.store(ring.buffer, (ticks.frame & whole(ring.capacity - 1)) * whole(stride(id)) + e, value_of_id);
  }
}

}  // namespace dgen::lower

#include "lower/device_buffers.h"

#include <algorithm>

#include "base/index.h"
#include "dgen/error.h"
#include "graph/table_size.h"
#include "lower/group_transform.h"
#include "lower/rows.h"
#include "schedule/device_schedule.h"
#include "schedule/row_nodes.h"

namespace dgen::lower {

using ir::Scalar;
using schedule::LoopForm;

bool has_fixed_time(const Graph& g, int id) {
  const Kind kind = g[id].op->kind;
  return (kind == Kind::line_read || kind == Kind::delay) && g[g[id].inputs[1]].type.clock <= Clock::control;
}

bool has_constant_step(const Graph& g, const schedule::PhaseAccumulator& phase) {
  return phase.increment < 0 || g[phase.increment].op->kind == Kind::constant;
}

DeviceBuffers::DeviceBuffers(const schedule::DeviceSchedule& schedule, ir::Module& module) : Buffers(module), made_(module) {
  const Graph& g = *schedule.control.graph;
  std::int64_t elements = 0;
  for (const int id : g.params()) {
    param_offset.emplace(id, elements);
    elements += g[id].type.shape.elements();
  }
  params = add_uniform({.name = "params", .space = ir::Space::params, .size = elements});
  clock = add({.name = "sample_rate", .space = ir::Space::clock, .scalar = Scalar::f64});
  add_clocks(schedule);
  add_channels(schedule);
  for (int id = 0; id < g.size(); ++id) add_node(g, id, schedule.group);
  add_pasts(g);
  add_tick_rings(schedule);
  for (int id = 0; id < g.size(); ++id) {  // one behind another, so that they are read at once
    if (g[id].op->kind == Kind::reduce) add_sum(g, id);
  }
  add_values(schedule);
}

/// Rows that a block has at most.
std::int64_t DeviceBuffers::rows(std::int32_t hop) const { return most_ticks(made_.sub_block, hop); }

int DeviceBuffers::add_rows(const std::string& name, const Type& type, std::int64_t elements) {
  const std::int64_t size = rows(schedule::device_hop(type)) * elements;
  if (size >= std::int64_t{1} << 31) {
    throw Error(ErrorCode::limit_exceeded, "a value of " + std::to_string(elements) + " elements every " +
                                               std::to_string(schedule::device_hop(type)) +
                                               " frames is too large for a block of " + std::to_string(made_.sub_block) +
                                               " frames on a device; the cpu back end takes it");
  }
  return add({.name = name, .space = ir::Space::scratch, .size = size});
}

void DeviceBuffers::add_clocks(const schedule::DeviceSchedule& schedule) {
  for (const schedule::DeviceStage& stage : schedule.stages) {
    if (stage.hop > 1) tick_slot.try_emplace(stage.hop, static_cast<int>(tick_slot.size()));
  }
  for (const Node& node : schedule.control.graph->nodes()) {
    if (node.type.clock == Clock::hop && node.type.hop > 1)
      tick_slot.try_emplace(node.type.hop, static_cast<int>(tick_slot.size()));
    if (node.op->kind == Kind::overlap_add && node.attributes.hop > 1)
      tick_slot.try_emplace(static_cast<std::int32_t>(node.attributes.hop), static_cast<int>(tick_slot.size()));
  }
  if (tick_slot.empty()) return;
  ticks = add_uniform({.name = "ticks", .scalar = Scalar::i32, .size = 3 * static_cast<std::int64_t>(tick_slot.size())});
}

void DeviceBuffers::add_node(const Graph& g, int id, const ir::GroupLimits& group) {
  const Node& node = g[id];
  const std::string number = std::to_string(id);
  switch (node.op->kind) {
    case Kind::recur: return add_loop(g, id);
    case Kind::table:
      table[id] = add({.name = "table" + number,
                       .space = ir::Space::constant,
                       .size = table_size(node.attributes),
                       .contents = table_contents(node.attributes)});
      return;
    case Kind::tensor: tensor[id] = constant_row(*node.attributes.table); return;
    case Kind::contract:
      if (moves(node.type) && schedule::parts_of_sum(g, id) > 1)
        parts[id] = add_rows("parts" + number, node.type, node.type.shape.elements() * schedule::parts_of_sum(g, id));
      return;
    case Kind::fft: {
      if (!moves(node.type) || group_transform(g, id, group)) return;
      const std::int64_t given = g[node.inputs[0]].type.shape.elements(), made = node.type.shape.elements();
      for (std::size_t side = 0; side < 2; ++side) {
        for (std::size_t part = 0; part < 2; ++part)  // of real numbers as many complex ones
          work[id][side][part] =
              add_rows((part == 0 ? "re" : "im") + number + "_" + std::to_string(side), node.type, std::max(given, made));
      }
      return;
    }
    default: return;
  }
}

void DeviceBuffers::add_sum(const Graph& g, int reduce) {
  const Node& x = g[g[reduce].inputs[0]];
  if (!moves(x.type)) return;
  const std::string number = std::to_string(reduce);
  const std::int64_t elements = x.type.shape.elements();
  const std::int64_t chunks = (rows(schedule::device_hop(x.type)) + sum_chunk - 1) / sum_chunk * elements;
  const auto scratch = [&](const char* name) {
    return add({.name = name + number, .space = ir::Space::scratch, .size = chunks});
  };
  sums[reduce] = {.chunks = scratch("sums"),
                  .chunks_rest = scratch("sums_rest"),
                  .total = add({.name = "total" + number, .size = elements * sum_lanes(elements)}),
                  .total_rest = add({.name = "total_rest" + number, .size = elements * sum_lanes(elements)})};
}

int DeviceBuffers::add_uniform(ir::Buffer buffer) {
  const int made = add(std::move(buffer));
  uniforms.insert(made);
  return made;
}

/// Channels of runs over segments lie behind one another in the memory of the segment, wherever the host says.
void DeviceBuffers::add_channels(const schedule::DeviceSchedule& schedule) {
  const Graph& g = *schedule.control.graph;
  std::map<int, Type> channels;
  for (const Node& node : g.nodes()) {
    if (node.op->kind == Kind::input) channels.emplace(static_cast<int>(node.attributes.size), node.type);
  }
  for (const schedule::DeviceStage& stage : schedule.stages) {
    for (const int id : stage.stores)
      crossing[id] = add_rows("cross" + std::to_string(id), g[id].type, g[id].type.shape.elements());
  }
  const auto channel = [&](const char* name, ir::Space space, int c, const Type& type) {
    const std::int64_t elements = type.shape.elements();
    const std::int32_t hop = schedule::device_hop(type);
    return add({.name = name + std::to_string(c),
                .space = space,
                .size = rows(hop) * elements,
                .channel = c,
                .hop = hop,
                .stride = elements});
  };
  for (const auto& [c, type] : channels) input[c] = channel("in", ir::Space::input, c, type);
  for (int c = 0; c < made_.outputs; ++c) output[c] = channel("out", ir::Space::output, c, g[g.outputs()[at(c)].node].type);
  if (schedule.run == ir::Run::stream) return;
  for (const auto& [c, buffer] : input) input_origin.emplace(c, static_cast<int>(input_origin.size()));
  for (const auto& [c, buffer] : output) output_origin.emplace(c, static_cast<int>(input_origin.size() + output_origin.size()));
  const auto count = static_cast<std::int64_t>(input.size() + output.size());
  if (count > 0) origins = add_uniform({.name = "origins", .scalar = Scalar::i32, .size = count});
}

void DeviceBuffers::add_loop(const Graph& g, int recur) {
  switch (schedule::loop_form(g, recur)) {
    case LoopForm::steady: {
      const std::int64_t count = schedule::is_shaped_loop(g, recur) ? schedule::loop_elements(g, recur) : 1;
      state[{recur, 0}] = add_state(g[recur].attributes.recurrence->states[0].name, {.scalar = Scalar::u64, .size = count});
      uniforms.insert(state[{recur, 0}]);
      if (schedule::is_shaped_loop(g, recur))
        row_steps[recur] = add_uniform({.name = "row_steps" + std::to_string(recur), .scalar = Scalar::u64, .size = count});
      return;
    }
    case LoopForm::phase: return add_phase(g, recur);
    case LoopForm::scan: return add_device_scan(g, recur);
    case LoopForm::sequential: return add_cells(g, recur);
    case LoopForm::elements: return add_row_cells(g, recur);
    case LoopForm::row_scan: add_row_cells(g, recur); return add_row_scan(g, recur);
    case LoopForm::coupled: return add_coupled(g, recur);
  }
}

void DeviceBuffers::add_row_cells(const Graph& g, int recur) {
  const std::vector<RecurrenceState>& states = g[recur].attributes.recurrence->states;
  for (std::size_t k = 0; k < states.size(); ++k)
    state[{recur, static_cast<int>(k)}] = add_state(states[k].name, {.size = schedule::loop_elements(g, recur)});
}

void DeviceBuffers::add_coupled(const Graph& g, int recur) {
  const Recurrence& recurrence = *g[recur].attributes.recurrence;
  for (std::size_t k = 0; k < recurrence.states.size(); ++k) {
    const RecurrenceState& owned = recurrence.states[k];
    const bool is_line = owned.form == RecurrenceState::Form::ring;
    const std::int64_t elements = (*recurrence.body)[owned.node].type.shape.elements();
    state[{recur, static_cast<int>(k)}] =
        add_state(owned.name, {.size = is_line ? power_of_two_above(owned.size + 1) : elements});
  }
}

void DeviceBuffers::add_row_scan(const Graph& g, int recur) {
  const auto n = static_cast<std::int64_t>(g[recur].attributes.recurrence->states.size());
  const std::int64_t places = made_.sub_block / scan_chunk * schedule::loop_elements(g, recur);
  const auto scratch = [&](const char* name, std::int64_t each) {
    return add({.name = name + std::to_string(recur), .space = ir::Space::scratch, .size = places * each});
  };
  row_scans[recur] = {.summary = scratch("summary", n + n * n), .carry = scratch("carry", n)};
}

void DeviceBuffers::add_device_scan(const Graph& g, int recur) {
  const AffineLoop loop = *affine_loop(g, recur);
  const std::vector<RecurrenceState>& states = g[recur].attributes.recurrence->states;
  const std::string number = std::to_string(recur);
  const bool invariant = is_time_invariant(g, loop);
  const auto chunks = static_cast<std::int64_t>(made_.sub_block / scan_chunk), n = static_cast<std::int64_t>(loop.states);
  DeviceScan one;
  for (const RecurrenceState& owned : states) one.state.push_back(add_state(owned.name, {.size = 1}));
  if (invariant) one.uniform = add_uniform({.name = "loop" + number, .size = DeviceScan::Uniform{loop.states}.elements()});
  if (invariant && n == 2) one.rotation = add_state(states.front().name + "/rotation", {.scalar = Scalar::f64, .size = 2});
  one.start = add_uniform({.name = "start" + number, .size = n});
  const std::int64_t entries = invariant ? n : n + n * n;
  one.summary = add({.name = "summary" + number, .space = ir::Space::scratch, .size = chunks * entries});
  one.carry = add({.name = "carry" + number, .space = ir::Space::scratch, .size = chunks * n});
  scans[recur] = std::move(one);
}

void DeviceBuffers::add_phase(const Graph& g, int recur) {
  const std::int64_t chunks = made_.sub_block / scan_chunk;
  const auto scratch = [&](const char* name, Scalar scalar) {
    return add({.name = name + std::to_string(recur), .space = ir::Space::scratch, .scalar = scalar, .size = chunks});
  };
  state[{recur, 0}] = add_state(g[recur].attributes.recurrence->states[0].name, {.scalar = Scalar::u64, .size = 1});
  DevicePhase one{.summary = scratch("summary", Scalar::u64), .carry = scratch("carry", Scalar::u64)};
  if (schedule::phase_accumulator(g, recur)->restart >= 0) one.restarted = scratch("restarted", Scalar::i32);
  phases[recur] = one;
}

void DeviceBuffers::add_cells(const Graph& g, int recur) {
  const Recurrence& recurrence = *g[recur].attributes.recurrence;
  for (std::size_t k = 0; k < recurrence.states.size(); ++k) {
    const RecurrenceState& owned = recurrence.states[k];
    const std::pair key{recur, static_cast<int>(k)};
    switch (owned.form) {
      case RecurrenceState::Form::cell: state[key] = add_state(owned.name, {.size = 1}); break;
      case RecurrenceState::Form::ring: state[key] = add_state(owned.name, {.size = power_of_two_above(owned.size + 1)}); break;
      case RecurrenceState::Form::table: {
        state[key] = add_state(owned.name, {.size = owned.size});
        if (!owned.table || std::ranges::all_of(*owned.table, [](double v) { return v == 0; })) break;
        contents[key] = add({.name = "contents" + std::to_string(recur) + "_" + std::to_string(k),
                             .space = ir::Space::constant,
                             .size = owned.size,
                             .contents = *owned.table});
        break;
      }
    }
  }
}

/// Rings hold a whole block beside what is delayed: a kernel writes frames of this block while others read it.
void DeviceBuffers::add_pasts(const Graph& g) {
  std::map<int, std::int64_t> longest;
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    const Kind kind = node.op->kind;
    if (kind == Kind::noise) key_slot.try_emplace(id, static_cast<int>(2 * key_slot.size()));
    if (kind != Kind::delay && kind != Kind::line_read && kind != Kind::window) continue;
    if (has_fixed_time(g, id)) delay_slot.try_emplace(id, static_cast<int>(delay_slot.size()));
    const Node& line = kind == Kind::line_read ? g[node.inputs[0]] : node;
    std::int64_t& most = longest[kind == Kind::line_read ? line.feedback : node.inputs[0]];
    most = std::max(most, line.attributes.size);
    if (kind == Kind::line_read && block_limit < 0) block_limit = add({.name = "block_limit", .scalar = Scalar::i32});
  }
  for (const auto& [id, size] : longest) {
    const int capacity = power_of_two_above(size + made_.sub_block);
    ring[id] = {add_state(g[id].path + "/past", {.size = capacity * g[id].type.shape.elements()}), capacity};
  }
  const auto count = [](const std::map<int, int>& slots, int each) { return each * static_cast<std::int64_t>(slots.size()); };
  if (!delay_slot.empty()) delays = add_uniform({.name = "delays", .scalar = Scalar::i32, .size = count(delay_slot, 1)});
  if (!key_slot.empty()) keys = add_uniform({.name = "keys", .scalar = Scalar::u32, .size = count(key_slot, 2)});
}

/// Those of a block and, before it, as many as reach into it.
void DeviceBuffers::add_tick_rings(const schedule::DeviceSchedule& schedule) {
  const Graph& g = *schedule.control.graph;
  std::map<int, std::int64_t> before;
  for (const Node& node : g.nodes()) {
    const Kind kind = node.op->kind;
    if (kind != Kind::hold && kind != Kind::overlap_add) continue;
    const std::int64_t every = moves(g[node.inputs[0]].type) ? node.attributes.hop : 1;  // frames between rows that are kept
    const std::int64_t reach = kind == Kind::hold ? 1 : (node.attributes.size + every - 1) / every;
    std::int64_t& most = before[node.inputs[0]];
    most = std::max(most, reach);
  }
  for (const auto& [id, reach] : before) {
    const int capacity = power_of_two_above(rows(schedule::device_hop(g[id].type)) + reach);
    tick_ring[id] = {add_state(g[id].path + "/ticks", {.size = capacity * g[id].type.shape.elements()}), capacity};
  }
}

/// Every number of control clock that something reads elsewhere, and the steps of phases that such values are.
void DeviceBuffers::add_values(const schedule::DeviceSchedule& schedule) {
  const Graph& g = *schedule.control.graph;
  const auto need = [&](int x) {
    const Node& node = g[x];
    const bool control_value = node.type.dtype == DType::signal && node.type.clock <= Clock::control &&
                               node.op->kind != Kind::constant && node.op->kind != Kind::reduce && node.type.shape.rank == 0;
    if (control_value) control_slot.try_emplace(x, static_cast<int>(control_slot.size()));
  };
  for (const schedule::DeviceStage& stage : schedule.stages) {
    for (const int id : stage.nodes) {
      for (const int x : g[id].inputs) need(x);
    }
    for (const int x : stage.fills) need(x);
    for (const int c : stage.outputs) need(g.outputs()[at(c)].node);
  }
  const bool rows = schedule.control.stages.size() > 1;
  for (const schedule::Stage& stage : schedule.control.stages) {
    for (const int id : stage.nodes) {
      if (rows) need(id);
      for (const int x : g[id].inputs) {
        if (g[x].op->kind == Kind::param || stage.order == schedule::Order::control_rows) need(x);
      }
    }
  }
  for (int id = 0; id < g.size(); ++id) {
    if (g[id].op->kind != Kind::recur) continue;
    const LoopForm form = schedule::loop_form(g, id);
    if (form == LoopForm::elements || form == LoopForm::row_scan || form == LoopForm::coupled) continue;
    const auto shaped = schedule::row_phase(g, id);
    if (shaped && shaped->increment >= 0) need(shaped->increment);
    const auto phase = schedule::phase_accumulator(g, id);
    if (phase && !has_constant_step(g, *phase) && g[phase->increment].type.clock <= Clock::control)
      step_slot.try_emplace(id, static_cast<int>(step_slot.size()));
  }
  if (!step_slot.empty())
    steps = add_uniform({.name = "steps", .scalar = Scalar::u64, .size = static_cast<std::int64_t>(step_slot.size())});
  if (control_slot.empty()) return;
  const auto size = static_cast<std::int64_t>(control_slot.size());
  control = add({.name = "control", .scalar = Scalar::f64, .size = size});
  values = add_uniform({.name = "values", .size = size});
}

}  // namespace dgen::lower

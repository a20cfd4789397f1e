#include "lower/device_buffers.h"

#include <algorithm>

#include "base/index.h"
#include "graph/table_size.h"
#include "schedule/device_schedule.h"

namespace dgen::lower {

using ir::Scalar;
using schedule::LoopForm;

bool has_fixed_time(const Graph& g, int id) {
  const Kind kind = g[id].op->kind;
  return kind == Kind::line_read || (kind == Kind::delay && g[g[id].inputs[1]].type.clock <= Clock::control);
}

bool has_constant_step(const Graph& g, const schedule::PhaseAccumulator& phase) {
  return phase.increment < 0 || g[phase.increment].op->kind == Kind::constant;
}

DeviceBuffers::DeviceBuffers(const schedule::Schedule& schedule, ir::Module& module) : Buffers(module), made_(module) {
  const Graph& g = *schedule.graph;
  for (const int id : g.params()) param_offset.emplace(id, static_cast<std::int64_t>(param_offset.size()));
  params = add({.name = "params", .space = ir::Space::params, .size = static_cast<std::int64_t>(g.params().size())});
  clock = add({.name = "sample_rate", .space = ir::Space::clock, .scalar = Scalar::f64});
  add_channels(schedule);
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    if (node.op->kind == Kind::recur) add_loop(g, id);
    if (node.op->kind != Kind::table) continue;
    table[id] = add({.name = "table" + std::to_string(id),
                     .space = ir::Space::constant,
                     .size = table_size(node.attributes),
                     .contents = table_contents(node.attributes)});
  }
  add_pasts(g);
  add_values(schedule);
}

int DeviceBuffers::add_uniform(ir::Buffer buffer) {
  const int made = add(std::move(buffer));
  uniforms.insert(made);
  return made;
}

void DeviceBuffers::add_channels(const schedule::Schedule& schedule) {
  const Graph& g = *schedule.graph;
  const std::int64_t frames = made_.sub_block;
  std::set<int> channels;
  for (const schedule::Stage& stage : schedule.stages) {
    for (const int id : stage.loads) {
      if (g[id].op->kind == Kind::input) channels.insert(static_cast<int>(g[id].attributes.size));
    }
    for (const int id : stage.stores)
      crossing[id] = add({.name = "cross" + std::to_string(id), .space = ir::Space::scratch, .size = frames});
  }
  for (const int c : channels)
    input[c] = add({.name = "in" + std::to_string(c), .space = ir::Space::input, .size = frames, .channel = c});
  for (int c = 0; c < made_.outputs; ++c)
    output[c] = add({.name = "out" + std::to_string(c), .space = ir::Space::output, .size = frames, .channel = c});
}

void DeviceBuffers::add_loop(const Graph& g, int recur) {
  switch (schedule::loop_form(g, recur)) {
    case LoopForm::steady:
      state[{recur, 0}] = add_state(g[recur].attributes.recurrence->states[0].name, {.scalar = Scalar::u64, .size = 1});
      uniforms.insert(state[{recur, 0}]);
      return;
    case LoopForm::phase: return add_phase(g, recur);
    case LoopForm::scan: return add_device_scan(g, recur);
    case LoopForm::sequential: return add_cells(g, recur);
  }
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
    if (kind != Kind::delay && kind != Kind::line_read) continue;
    if (has_fixed_time(g, id)) delay_slot.try_emplace(id, static_cast<int>(delay_slot.size()));
    const Node& line = kind == Kind::line_read ? g[node.inputs[0]] : node;
    std::int64_t& most = longest[kind == Kind::line_read ? line.feedback : node.inputs[0]];
    most = std::max(most, line.attributes.size);
    if (kind == Kind::line_read && block_limit < 0) block_limit = add({.name = "block_limit", .scalar = Scalar::i32});
  }
  for (const auto& [id, size] : longest) {
    const int capacity = power_of_two_above(size + made_.sub_block);
    ring[id] = {add_state(g[id].path + "/past", {.size = capacity}), capacity};
  }
  const auto count = [](const std::map<int, int>& slots, int each) { return each * static_cast<std::int64_t>(slots.size()); };
  if (!delay_slot.empty()) delays = add_uniform({.name = "delays", .scalar = Scalar::i32, .size = count(delay_slot, 1)});
  if (!key_slot.empty()) keys = add_uniform({.name = "keys", .scalar = Scalar::u32, .size = count(key_slot, 2)});
}

/// Every control value that something on the frame clock reads, and the steps of phases that such values are.
void DeviceBuffers::add_values(const schedule::Schedule& schedule) {
  const Graph& g = *schedule.graph;
  const auto need = [&](int x) {
    const Node& node = g[x];
    const bool control_value =
        node.type.dtype == DType::signal && node.type.clock <= Clock::control && node.op->kind != Kind::constant;
    if (control_value) control_slot.try_emplace(x, static_cast<int>(control_slot.size()));
  };
  for (const schedule::Stage& stage : schedule.stages) {
    if (stage.order == schedule::Order::control) continue;
    for (const int id : stage.nodes) {
      for (const int x : g[id].inputs) need(x);
    }
    for (const int x : stage.fills) need(x);
    for (const int c : stage.outputs) need(g.outputs()[at(c)].node);
  }
  for (int id = 0; id < g.size(); ++id) {
    if (g[id].op->kind != Kind::recur) continue;
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

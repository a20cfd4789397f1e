// What is written when a parameter changes: control values, and what follows from them.

#include "base/index.h"
#include "lower/buffers.h"
#include "lower/diffused_rows.h"
#include "lower/rows.h"
#include "schedule/phase.h"
#include "schedule/row_nodes.h"

namespace dgen::lower {

std::pair<int, std::int64_t> Buffers::control_elements(const Graph& g, int node) const {
  if (g[node].op->kind == Kind::param) return {params, param_offset.at(node)};
  if (g[node].op->kind == Kind::tensor) return {tensor.at(node), 0};
  return {control_row.at(node), 0};
}

/// Filled when a parameter changes.
void Buffers::add_stacks(const Graph& g) {
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    const std::string number = std::to_string(id);
    if (schedule::is_stack(g, id)) stack[id] = add({.name = "stack" + number, .size = node.type.shape.elements()});
    const auto phase = node.op->kind == Kind::recur ? schedule::row_phase(g, id) : std::nullopt;
    if (phase && schedule::has_known_steps(g, *phase)) {
      const std::int64_t count = schedule::loop_elements(g, id);
      row_steps[id] = add({.name = "row_steps" + number, .scalar = ir::Scalar::u64, .size = count});
    }
    if (node.op->kind != Kind::recur) continue;
    for (const auto& [of, step] : diffused_steps(g, id)) {
      const auto [known, fresh] = diffused.try_emplace(step.coefficient, -1);
      const std::int64_t size = diffused_frames * padded(g[step.coefficient].type.shape.elements());
      if (fresh) known->second = add({.name = "diffused" + std::to_string(step.coefficient), .size = size});
    }
  }
}

void Buffers::add_controls(const schedule::Schedule& schedule) {
  const Graph& g = *schedule.graph;
  const auto need = [&](int x) {
    const Node& node = g[x];
    if (schedule::is_stack(g, x)) return;
    const bool per_call = node.type.dtype == DType::signal && node.type.clock <= Clock::control &&
                          node.op->kind != Kind::constant && node.type.shape.rank == 0;
    if (per_call) control_slot.try_emplace(x, static_cast<int>(control_slot.size()));
  };
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const schedule::Stage& stage = schedule.stages[s];
    for (const int id : stage.nodes) {
      for (const int x : g[id].inputs) {
        if (schedule.home[at(x)] != static_cast<int>(s)) need(x);
      }
    }
    for (const auto& [id, row] : stack) {
      for (const int x : g[id].inputs) need(x);
    }
    for (const int x : stage.fills) need(x);
    for (const int x : stage.windows) need(x);
    for (const int c : stage.outputs) need(g.outputs()[at(c)].node);
  }
  if (control_slot.empty()) return;
  control = add({.name = "control", .scalar = ir::Scalar::f64, .size = static_cast<std::int64_t>(control_slot.size())});
}

void Buffers::add_steps(const schedule::Schedule& schedule) {
  const Graph& g = *schedule.graph;
  for (const schedule::Stage& stage : schedule.stages) {
    for (const int id : stage.nodes) {
      if (g[id].op->kind != Kind::recur) continue;
      const auto phase = schedule::phase_accumulator(g, id);
      if (!phase || phase->increment < 0) continue;
      const Node& increment = g[phase->increment];
      if (increment.op->kind == Kind::constant || increment.type.clock > Clock::control) continue;
      step_slot.try_emplace(id, static_cast<int>(step_slot.size()));
    }
  }
  if (step_slot.empty()) return;
  steps = add({.name = "steps", .scalar = ir::Scalar::u64, .size = static_cast<std::int64_t>(step_slot.size())});
}

/// Of reads whose time is a control value; constants need none.
void Buffers::add_delays(const schedule::Schedule& schedule) {
  const Graph& g = *schedule.graph;
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    const bool reads = node.op->kind == Kind::line_read || node.op->kind == Kind::delay;
    if (reads && control_slot.contains(node.inputs[1])) delay_slot.try_emplace(id, static_cast<int>(delay_slot.size()));
  }
  if (!delay_slot.empty())
    delays = add({.name = "delays", .scalar = ir::Scalar::i32, .size = static_cast<std::int64_t>(delay_slot.size())});
}

/// Oscillators in the stage of their phase.
void Buffers::add_oscillators(const schedule::Schedule& schedule, int sub_block) {
  if (module_.run == ir::Run::backward) return;
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    OscillatorBuffers made{.stage = find_oscillators(schedule, static_cast<int>(s))};
    if (made.count() == 0) continue;
    module_.whole_vectors = true;
    const auto one = [&](const char* name, ir::Space space, ir::Scalar scalar, std::int64_t size) {
      return add({.name = name + std::to_string(s), .space = space, .scalar = scalar, .size = size});
    };
    constexpr int least_lanes = 4;
    const std::int64_t vectors = sub_block / least_lanes + 2 * OscillatorBuffers::group;
    const auto count = static_cast<std::int64_t>(made.count()), banks = static_cast<std::int64_t>(made.stage.banks.size());
    made.steps = one("oscillator_steps", ir::Space::state, ir::Scalar::u64, made.padded());
    made.gains = one("gains", ir::Space::state, ir::Scalar::f32, made.padded());
    made.turns = one("turns", ir::Space::state, ir::Scalar::f32, (2 * count + 1) * ir::padding);
    made.vector_turns =
        one("vector_turns", ir::Space::state, ir::Scalar::f32, 2 * (OscillatorBuffers::group - 1) * made.padded());
    made.phases = one("phases", ir::Space::scratch, ir::Scalar::u64, made.padded());
    made.angles = one("angles", ir::Space::scratch, ir::Scalar::f32, made.angles_stride() * vectors);
    if (banks > 0)
      made.sums = one("banks", ir::Space::scratch, ir::Scalar::f32, banks * OscillatorBuffers::sums_stride(sub_block));
    oscillators[static_cast<int>(s)] = std::move(made);
  }
}

}  // namespace dgen::lower

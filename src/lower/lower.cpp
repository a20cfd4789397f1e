#include "lower/lower.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/index.h"
#include "dgen/error.h"
#include "graph/feedback.h"
#include "graph/table_size.h"
#include "ir/verify.h"
#include "lower/access.h"
#include "lower/buffers.h"
#include "lower/cascade_blocks.h"
#include "lower/changes.h"
#include "lower/control_kernel.h"
#include "lower/control_rows.h"
#include "lower/frame_kernel.h"
#include "lower/measure_kernel.h"
#include "lower/pack_matrices.h"
#include "lower/phase_writer.h"
#include "lower/pointwise.h"
#include "lower/row_kernel.h"
#include "lower/stacks.h"
#include "lower/tap_writer.h"
#include "schedule/phase.h"

namespace dgen::lower {

namespace {

using ir::Scalar;
using ir::Value;

}  // namespace

namespace {

ir::Function control_part(const schedule::Schedule& schedule, const schedule::Stage& stage, const ControlPart& part,
                          const Buffers& buffers, ir::Module& module) {
  const Graph& g = *schedule.graph;
  ir::Function function{.name = "control",
                        .arguments = {{Scalar::i32, false}, {Scalar::i64, false}},
                        .when = ir::When::change,
                        .changes = part.changes,
                        .why = stage.why};
  ir::Builder b(module, function);
  std::map<int, Value> value;
  const auto of = [&](int id) {
    if (g[id].op->kind == Kind::constant) return b.number({Scalar::f64, false}, g[id].attributes.value);
    if (const auto here = value.find(id); here != value.end()) return here->second;
    return value[id] = b.load(buffers.control, whole(b, buffers.control_slot.at(id)), false);  // of an earlier stage
  };
  for (const int id : part.nodes) {
    const Node& node = g[id];
    std::vector<Value> x;
    if (node.op->kind == Kind::param) {
      value[id] = convert(Scalar::f64, b.load(buffers.params, whole(b, buffers.param_offset.at(id)), false));
    } else if (node.op->kind == Kind::sample_rate) {
      value[id] = b.load(buffers.clock, whole(b, 0), false);
    } else if (node.op->kind == Kind::gather) {
      const TableIndex found = table_index(of(node.inputs[1]), table_size(g[node.inputs[0]].attributes), node.attributes.bound);
      const Value element = convert(Scalar::f64, b.load(buffers.table.at(node.inputs[0]), found.index, false));
      value[id] = found.inside.builder ? select(found.inside, element, 0.0) : element;
    } else {
      check(node.op->kind == Kind::pointwise, "control nodes are parameters, the sample rate, table reads or pointwise");
      for (const int input : node.inputs) x.push_back(of(input));
      value[id] = lower_pointwise(*node.op, b, x);
    }
    if (const auto slot = buffers.control_slot.find(id); part.own.contains(id) && slot != buffers.control_slot.end()) {
      b.store(buffers.control, whole(b, slot->second), value[id]);
    }
  }
  return function;
}

/// A kernel for each set of parameters that numbers of a stage follow from.
void add_control_parts(const schedule::Schedule& schedule, const schedule::Stage& stage, const Buffers& buffers,
                       ir::Module& module) {
  for (const ControlPart& part : control_parts(*schedule.graph, stage, buffers.param_offset)) {
    const bool kept = std::ranges::any_of(part.own, [&](int id) { return buffers.control_slot.contains(id); });
    if (kept) module.kernels.push_back(control_part(schedule, stage, part, buffers, module));
  }
}

}  // namespace

ir::Function control_kernel(const schedule::Schedule& schedule, int number, const Buffers& buffers, ir::Module& module) {
  const schedule::Stage& stage = schedule.stages[at(number)];
  const ControlPart all{any_change, {stage.nodes.begin(), stage.nodes.end()}, stage.nodes};
  return control_part(schedule, stage, all, buffers, module);
}

void add_step_kernel(const schedule::Schedule& schedule, const Buffers& buffers, ir::Module& module) {
  if (buffers.step_slot.empty()) return;
  const Graph& g = *schedule.graph;
  ir::Function function{.name = "steps",
                        .arguments = {{Scalar::i32, false}, {Scalar::i64, false}},
                        .when = ir::When::change,
                        .why = "steps of phases in fixed point"};
  ir::Builder b(module, function);
  for (const auto& [recur, slot] : buffers.step_slot) {
    const schedule::PhaseAccumulator phase = *schedule::phase_accumulator(g, recur);
    const Value increment = b.load(buffers.control, whole(b, buffers.control_slot.at(phase.increment)), false);
    b.store(buffers.steps, whole(b, slot), fixed_step(phase, increment));
  }
  module.kernels.push_back(std::move(function));
}

namespace {

void add_delay_kernel(const schedule::Schedule& schedule, const Buffers& buffers, ir::Module& module) {
  if (buffers.delay_slot.empty()) return;
  const Graph& g = *schedule.graph;
  ir::Function function{.name = "delays",
                        .arguments = {{Scalar::i32, false}, {Scalar::i64, false}},
                        .when = ir::When::change,
                        .why = "whole frames of delays"};
  ir::Builder b(module, function);
  for (const auto& [id, slot] : buffers.delay_slot) {
    const Node& node = g[id];
    const bool line = node.op->kind == Kind::line_read;
    const std::int64_t most = line ? g[node.inputs[0]].attributes.size : node.attributes.size;
    const Value time = b.load(buffers.control, whole(b, buffers.control_slot.at(node.inputs[1])), false);
    b.store(buffers.delays, whole(b, slot), whole_frames(time, line ? 1 : 0, most));
  }
  module.kernels.push_back(std::move(function));
}

}  // namespace

void add_limit_kernel(const schedule::Schedule& schedule, const Buffers& buffers, ir::Module& module) {
  if (buffers.block_limit < 0) return;
  module.block_limit = buffers.block_limit;
  const Graph& g = *schedule.graph;
  ir::Function function{.name = "block_limit",
                        .arguments = {{Scalar::i32, false}, {Scalar::i64, false}},
                        .when = ir::When::change,
                        .why = "sub-blocks are no longer than the shortest delay that feeds back"};
  ir::Builder b(module, function);
  Value limit = b.number({Scalar::f64, false}, module.sub_block);
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    if (node.op->kind != Kind::line_read || is_measured(g, id)) continue;
    const int time = least_time(g, id);
    const Value frames = g[time].op->kind == Kind::constant
                             ? b.number({Scalar::f64, false}, g[time].attributes.value)
                             : b.load(buffers.control, whole(b, buffers.control_slot.at(time)), false);
    const double size = static_cast<double>(g[node.inputs[0]].attributes.size);
    limit = select(frames >= 1.0, min(limit, min(frames, like(frames, size))), 1.0);  // NaN reads the frame before
  }
  const Value frames = whole_frames(limit, 1, module.sub_block), lanes = b.lanes();
  const Value vectors = frames - (frames & (lanes - whole(b, 1)));
  b.store(buffers.block_limit, whole(b, 0), select(frames >= lanes, vectors, frames));
  module.kernels.push_back(std::move(function));
}

namespace {

/// The coefficients of time-invariant scans, in double.
void add_scan_kernel(const schedule::Schedule& schedule, const Buffers& buffers, ir::Module& module) {
  const Graph& g = *schedule.graph;
  ir::Function function{.name = "scan_coefficients",
                        .arguments = {{Scalar::i32, false}, {Scalar::i64, false}},
                        .when = ir::When::change,
                        .why = "powers of the matrices of loops that run as scans, in double"};
  ir::Builder b(module, function);
  std::set<int> written;
  for (const auto& [recur, scan] : buffers.scan) {
    if (scan.blocks < 0) continue;
    std::vector<Value> matrix;
    const AffineLoop loop = *affine_loop(g, recur);
    for (const int id : loop.matrix) {
      matrix.push_back(g[id].op->kind == Kind::constant ? b.number({Scalar::f64, false}, g[id].attributes.value)
                                                        : b.load(buffers.control, whole(b, buffers.control_slot.at(id)), false));
    }
    write_scan_blocks(b, scan, matrix, !written.insert(scan.blocks).second);
  }
  if (!function.body.empty()) module.kernels.push_back(std::move(function));
}

/// Steps, gains and turns of oscillators.
void add_turn_kernel(const schedule::Schedule& schedule, const Buffers& buffers, ir::Module& module) {
  const Graph& g = *schedule.graph;
  if (buffers.oscillators.empty()) return;
  ir::Function function{.name = "turns",
                        .arguments = {{Scalar::i32, false}, {Scalar::i64, false}},
                        .when = ir::When::change,
                        .why = "how far oscillators turn within a few vectors of frames"};
  ir::Builder b(module, function);
  const auto step_of = [&](int recur) {
    if (const auto slot = buffers.step_slot.find(recur); slot != buffers.step_slot.end())
      return b.load(buffers.steps, whole(b, slot->second), false);
    const schedule::PhaseAccumulator phase = *schedule::phase_accumulator(g, recur);
    const double step = phase.increment < 0 ? phase.step : g[phase.increment].attributes.value;
    return b.integer({Scalar::u64, false}, static_cast<std::int64_t>(constant_step(phase, step)));
  };
  const auto gain_of = [&](int id) {
    if (id < 0) return b.number({Scalar::f32, false}, 1);
    if (g[id].op->kind == Kind::constant) return b.number({Scalar::f32, false}, g[id].attributes.value);
    return convert(Scalar::f32, b.load(buffers.control, whole(b, buffers.control_slot.at(id)), false));
  };
  for (const auto& [stage, own] : buffers.oscillators) {
    for (std::size_t k = 0; k < own.count(); ++k) {
      const WeightedOscillator& oscillator = own.stage.oscillators[k];
      const Value place = whole(b, static_cast<std::int64_t>(k));
      b.store(own.steps, place, step_of(schedule::oscillator(g, oscillator.node)->recur));
      b.store(own.gains, place, gain_of(oscillator.gain));
    }
    write_turns(b, own);
  }
  module.kernels.push_back(std::move(function));
}

/// Fills tables that are written in place with their initial contents.
void add_start_kernel(const Buffers& buffers, ir::Module& module) {
  if (buffers.contents.empty()) return;
  ir::Function function{.name = "start",
                        .arguments = {{Scalar::i32, false}, {Scalar::i64, false}},
                        .when = ir::When::start,
                        .why = "tables that are written get their first contents"};
  ir::Builder b(module, function);
  for (const auto& [key, contents] : buffers.contents) {
    const int table = buffers.state.at(key);
    const std::int64_t size = module.buffers[at(contents)].size;
    b.loop(whole(b, 0), whole(b, size), false, [&, from = contents](Value i) { b.store(table, i, b.load(from, i, false)); });
  }
  module.kernels.push_back(std::move(function));
}

/// An output may be written to host memory at once when no later stage reads a host input, which may be the same memory.
void mark_direct_outputs(const schedule::Schedule& schedule, const Buffers& buffers, ir::Module& module) {
  const Graph& g = *schedule.graph;
  std::size_t last_input = 0;
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    for (const int id : schedule.stages[s].loads) {
      if (g[id].op->kind == Kind::input) last_input = s;
    }
  }
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    for (const int c : schedule.stages[s].outputs) module.buffers[at(buffers.output.at(c))].direct = s >= last_input;
  }
}

/// What runs before the frames: when a parameter changed, and once after reset.
void add_control_kernels(const schedule::Schedule& schedule, Buffers& buffers, ir::Module& module) {
  const Graph& g = *schedule.graph;
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const schedule::Stage& stage = schedule.stages[s];
    if (stage.order == schedule::Order::control) add_control_parts(schedule, stage, buffers, module);
    if (stage.order == schedule::Order::control_rows) {
      module.kernels.push_back(schedule::runs_in_double(g, stage)
                                   ? write_exact_rows(schedule, stage, buffers, module)
                                   : write_row_kernel(schedule, stage, buffers, module, "control_rows"));
    }
  }
  add_matrix_kernel(g, buffers, module);
  add_step_kernel(schedule, buffers, module);
  add_delay_kernel(schedule, buffers, module);
  add_stack_kernel(schedule, buffers, module);
  add_tap_kernel(schedule, buffers, module);
  add_scan_kernel(schedule, buffers, module);
  add_turn_kernel(schedule, buffers, module);
  add_cascade_kernels(schedule, buffers, module);
  add_limit_kernel(schedule, buffers, module);
  mark_changes(module);
  add_start_kernel(buffers, module);
}

void add_stage_kernel(const schedule::Schedule& schedule, const schedule::Stage& stage, Buffers& buffers, ir::Module& module) {
  switch (stage.order) {
    case schedule::Order::control:
    case schedule::Order::control_rows: return;
    case schedule::Order::ticks:
      module.kernels.push_back(write_row_kernel(schedule, stage, buffers, module, schedule::to_string(stage.order)));
      break;
    case schedule::Order::parallel:
    case schedule::Order::sequential:
      module.kernels.push_back(FrameKernel::write(schedule, stage, buffers, module, schedule::to_string(stage.order)));
      break;
  }
  if (stage.ahead) module.kernels.back().when = ir::When::ahead;
}

/// What runs over the frames of sub-blocks; stages that run ahead come first.
void add_frame_kernels(const schedule::Schedule& schedule, Buffers& buffers, ir::Module& module) {
  for (const schedule::Stage& stage : schedule.stages) {
    if (stage.ahead) add_stage_kernel(schedule, stage, buffers, module);
  }
  if (buffers.latest >= 0) module.kernels.push_back(measure_kernel(schedule, buffers, module));
  for (const schedule::Stage& stage : schedule.stages) {
    if (!stage.ahead) add_stage_kernel(schedule, stage, buffers, module);
  }
}

}  // namespace

Lowered lower(const schedule::Schedule& schedule, std::string_view name, int sub_block, ir::Run run, int lanes) {
  const Graph& g = *schedule.graph;
  Lowered made;
  ir::Module& module = made.module;
  module.name = std::string(name);
  module.inputs = g.inputs();
  module.outputs = host_outputs(g);
  module.run = run;
  module.lanes = lanes;
  module.sub_block = sub_block;
  Buffers buffers(schedule, module, sub_block);
  add_control_kernels(schedule, buffers, module);
  add_frame_kernels(schedule, buffers, module);
  mark_direct_outputs(schedule, buffers, module);
  made.states = buffers.named;
  for (const Output& output : g.outputs()) {
    if (const auto slot = buffers.control_slot.find(output.node); slot != buffers.control_slot.end())
      made.values.push_back({output.name, buffers.control, slot->second});
    if (const auto row = buffers.control_row.find(output.node);
        row != buffers.control_row.end() && g[output.node].type.shape.rank > 0)
      made.values.push_back({output.name, row->second, 0, g[output.node].type.shape.elements()});
    if (const auto sum = buffers.sum.find(output.node); sum != buffers.sum.end())
      made.values.push_back({.name = output.name, .buffer = sum->second, .count = module.buffers[at(sum->second)].size});
  }
  ir::verify(module);
  return made;
}

}  // namespace dgen::lower

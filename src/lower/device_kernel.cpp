#include "lower/device_kernel.h"

#include <cmath>

#include "base/index.h"
#include "dgen/error.h"
#include "graph/table_size.h"
#include "lower/access.h"
#include "lower/frame_kernel.h"
#include "lower/phase_writer.h"
#include "lower/recurrence_writer.h"
#include "schedule/device_schedule.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

constexpr ir::Type i32{Scalar::i32, false}, i64{Scalar::i64, false};

}  // namespace

DeviceKernel::DeviceKernel(const schedule::Schedule& schedule, const schedule::Stage& stage, const DeviceBuffers& buffers,
                           ir::Module& module, std::string name)
    : g_(*schedule.graph), stage_(stage),
      buffers_(buffers), function_{.name = std::move(name), .arguments = {i32, i64, i32, i32}, .why = stage.why},
      builder_(module, function_), frames_(builder_.argument(0)), position_(builder_.argument(1)), item_(builder_.argument(2)),
      row_(builder_.argument(3)), position32_(convert(Scalar::i32, position_)) {}

void DeviceKernel::go_to(Value index) {
  index_ = index;
  frame_ = position32_ + index;
}

void DeviceKernel::write_map() {
  go_to(item_);
  for (const int id : stage_.nodes) {
    if (g_[id].op->kind == Kind::recur) {
      compute_phase(id);
    } else if (g_[id].op->kind != Kind::result) {
      value_[id] = compute(id);
    }
  }
  store_frame();
}

void DeviceKernel::write_loops() {
  each_loop([this](int recur) {
    const auto input = [&](int k) { return of(g_[recur].inputs[at(k)]); };
    prepare(recur);
    RecurrenceWriter writer(g_, recur, buffers_, builder_);
    writer.begin(position_, input);
    builder_.loop(whole(builder_, 0), frames_, false, [&](Value i) {
      go_to(i);
      set_results(recur, writer.frame(frame_, position_ + convert(Scalar::i64, i), input));
      store_frame();
    });
    writer.end();
  });
}

void DeviceKernel::each_loop(const std::function<void(int)>& body) {
  std::int64_t row = 0;
  for (const int id : stage_.nodes) {
    if (g_[id].op->kind != Kind::recur) continue;
    builder_.branch(row_ == whole(builder_, row++), [&] {
      value_.clear();
      body(id);
    });
  }
}

void DeviceKernel::prepare(int id) {
  for (const int x : g_[id].inputs) {
    if (buffers_.control_slot.contains(x)) of(x);
  }
}

void DeviceKernel::set_results(int recur, const std::vector<Value>& results) {
  for (const int id : stage_.nodes) {
    if (g_[id].op->kind == Kind::result && g_[id].inputs[0] == recur)
      value_[id] = results[at(static_cast<int>(g_[id].attributes.size))];
  }
}

/// Results of other rows are not there.
void DeviceKernel::store_frame() {
  const bool loops = stage_.order == schedule::Order::sequential || schedule::is_scan_stage(g_, stage_);
  const auto mine = [&](int id) { return !loops || value_.contains(id); };
  std::map<int, Value> kept;
  const auto keep = [&](int id) {
    if (mine(id)) kept[id] = of(id);
  };
  for (const int id : stage_.stores) keep(id);
  for (const int id : stage_.fills) keep(id);
  for (const int c : stage_.outputs) keep(g_.outputs()[at(c)].node);
  for (const int id : stage_.stores) {
    if (kept.contains(id)) builder_.store(buffers_.crossing.at(id), index_, kept[id]);
  }
  for (const int id : stage_.fills) {
    if (!kept.contains(id)) continue;
    const Ring& ring = buffers_.ring.at(id);
    builder_.store(ring.buffer, frame_ & whole(builder_, ring.capacity - 1), kept[id]);
  }
  for (const int c : stage_.outputs) {
    const int id = g_.outputs()[at(c)].node;
    if (kept.contains(id)) builder_.store(buffers_.output.at(c), index_, kept[id]);
  }
}

Value DeviceKernel::of(int id) {
  if (const auto known = value_.find(id); known != value_.end()) return known->second;
  const Node& node = g_[id];
  if (node.op->kind == Kind::constant) return number(node.attributes.value);
  if (const auto slot = buffers_.control_slot.find(id); slot != buffers_.control_slot.end())
    return value_[id] = builder_.load(buffers_.values, whole(builder_, slot->second), false);
  const bool input = node.op->kind == Kind::input;
  const int buffer = input ? buffers_.input.at(static_cast<int>(node.attributes.size)) : buffers_.crossing.at(id);
  return builder_.load(buffer, index_, false);
}

Value DeviceKernel::uniform_step(int recur, const schedule::PhaseAccumulator& phase) {
  if (const auto slot = buffers_.step_slot.find(recur); slot != buffers_.step_slot.end())
    return builder_.load(buffers_.steps, whole(builder_, slot->second), false);
  return fixed(constant_step(phase, phase.increment < 0 ? phase.step : g_[phase.increment].attributes.value));
}

/// A phase that is known at every frame: the host moves its start from block to block.
void DeviceKernel::compute_phase(int recur) {
  const schedule::PhaseAccumulator phase = *schedule::phase_accumulator(g_, recur);
  const Value step = uniform_step(recur, phase);
  const Value start = builder_.load(buffers_.state.at({recur, 0}), whole(builder_, 0), false);
  const Value before = start + bitcast(Scalar::u64, convert(Scalar::i64, index_)) * step;
  std::vector<Value> results;
  for (const bool next : phase.next) results.push_back(phase_state(phase, next ? before + step : before));
  set_results(recur, results);
}

Value DeviceKernel::compute(int id) {
  const Node& node = g_[id];
  const Kind kind = node.op->kind;
  if (kind == Kind::pointwise) {
    std::vector<Value> x;
    for (const int input : node.inputs) x.push_back(of(input));
    return lower_pointwise(*node.op, builder_, x);
  }
  if (kind == Kind::delay || kind == Kind::line_read) return delayed(id);
  if (kind == Kind::gather) return gathered(id);
  if (kind == Kind::noise) return noise_at(id);
  check(kind == Kind::frame_index, "a device stage does not compute " + std::string(node.op->name));
  return convert(Scalar::f32, position_ + convert(Scalar::i64, index_));
}

Value DeviceKernel::delayed(int id) {
  const Node& node = g_[id];
  const Ring& ring = buffers_.ring.at(node.op->kind == Kind::line_read ? g_[node.inputs[0]].feedback : node.inputs[0]);
  const auto fixed = buffers_.delay_slot.find(id);
  const Value back = fixed != buffers_.delay_slot.end() ? builder_.load(buffers_.delays, whole(builder_, fixed->second), false)
                                                        : whole_frames(of(node.inputs[1]), 0, node.attributes.size);
  return builder_.load(ring.buffer, (frame_ - back) & whole(builder_, ring.capacity - 1), false);
}

Value DeviceKernel::gathered(int id) {
  const Node& node = g_[id];
  const TableIndex found = table_index(of(node.inputs[1]), table_size(g_[node.inputs[0]].attributes), node.attributes.bound);
  const Value element = builder_.load(buffers_.table.at(node.inputs[0]), found.index, false);
  return found.inside.builder ? select(found.inside, element, 0.0) : element;
}

/// The steps of base/noise.h, with the host's keys.
Value DeviceKernel::noise_at(int id) {
  const auto u32 = [&](std::uint32_t v) { return builder_.integer({Scalar::u32, false}, v); };
  const auto key = [&](int k) { return builder_.load(buffers_.keys, whole(builder_, buffers_.key_slot.at(id) + k), false); };
  Value x = convert(Scalar::u32, frame_) + key(0);
  x = (x ^ (x >> 17)) * u32(0xed5ad4bbu);
  x = (x ^ (x >> 11)) * u32(0xac4c1b51u);
  x = (x ^ (x >> 15)) * u32(0x31848babu);
  x = (x ^ (x >> 14)) + key(1);
  x = (x ^ (x >> 16)) * u32(0x7feb352du);
  x = (x ^ (x >> 15)) * u32(0x846ca68bu);
  x = x ^ (x >> 16);
  return convert(Scalar::f32, bitcast(Scalar::i32, x) >> 8) * 0x1p-23;
}

}  // namespace dgen::lower

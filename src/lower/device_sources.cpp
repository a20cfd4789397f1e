// What kernels of a device make of the number of a frame, phases and noise, and what they read at other places: tables, delays,
// windows, held values, overlapping frames.

#include "base/index.h"
#include "graph/table_size.h"
#include "lower/access.h"
#include "lower/delay_read.h"
#include "lower/device_kernel.h"
#include "lower/divided.h"
#include "lower/phase_writer.h"
#include "schedule/row_nodes.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;
using Tick = DeviceBuffers::Tick;

Value DeviceKernel::delayed(int id) {
  const Node& node = g_[id];
  const auto [source, least, most] = delay_read(g_, id);
  const Ring& ring = buffers_.ring.at(source);
  const auto fixed = buffers_.delay_slot.find(id);
  const Value back = fixed != buffers_.delay_slot.end() ? builder_.load(buffers_.delays, whole(builder_, fixed->second), false)
                                                        : whole_frames(of(node.inputs[1]), least, most);
  const Value row = (frame_ - back) & whole(builder_, ring.capacity - 1);
  const std::int64_t elements = node.type.shape.elements();
  return builder_.load(ring.buffer, elements == 1 ? row : row * whole(builder_, elements) + element_, false);
}

/// Element e of a window: frames before this one, or after it where time runs backward.
Value DeviceKernel::windowed(int window, Value e) {
  const Node& node = g_[window];
  const std::int64_t size = node.attributes.size, leads = g_[node.inputs[0]].type.shape.elements();
  const Ring& ring = buffers_.ring.at(node.inputs[0]);
  const Value lead = leads == 1 ? whole(builder_, 0) : divided(builder_, e, size);
  const Value j = leads == 1 ? e : e - lead * whole(builder_, size);
  const Value ago = backward_ ? j : whole(builder_, size - 1) - j;
  const Value row = (frame_ - ago) & whole(builder_, ring.capacity - 1);
  return builder_.load(ring.buffer, leads == 1 ? row : row * whole(builder_, leads) + lead, false);
}

/// The last tick before or at this frame; where time runs backward, the next one.
Value DeviceKernel::held(int id) {
  const int x = g_[id].inputs[0];
  const std::int64_t elements = g_[id].type.shape.elements();
  const Ring& ring = buffers_.tick_ring.at(x);
  const std::int32_t hop = schedule::device_hop(g_[x].type);
  const Value since = index_ - tick_number(hop, Tick::first_frame) + whole(builder_, backward_ ? hop - 1 : hop);
  const Value tick = hop == 1 ? index_ : backward_ ? divided(builder_, since, hop) : divided(builder_, since, hop) - 1;
  const Value row = (tick_number(hop, Tick::number) + tick) & whole(builder_, ring.capacity - 1);
  return builder_.load(ring.buffer, elements == 1 ? row : row * whole(builder_, elements) + element_, false);
}

/// The sum of the ticks that reach this frame, the nearest first.
Value DeviceKernel::overlapped(int id) {
  const Node& node = g_[id];
  const int x = node.inputs[0];
  const auto hop = static_cast<std::int32_t>(node.attributes.hop);
  const bool rests = !moves(g_[x].type);  // then the same at every tick, and kept at every frame
  const std::int64_t size = node.attributes.size, reach = (size + hop - 1) / hop;
  const Ring& ring = buffers_.tick_ring.at(x);
  const Value zero = whole(builder_, 0), all = whole(builder_, size), period = whole(builder_, hop);
  const Value offset = index_ - tick_number(hop, Tick::first_frame);
  Value nearest = index_, first = zero;  // the nearest tick, and how many frames it is away
  if (hop > 1) {
    nearest = backward_ ? divided(builder_, offset + whole(builder_, hop - 1), hop) : divided(builder_, offset + period, hop) - 1;
    first = backward_ ? nearest * period - offset : offset - nearest * period;
  }
  const Value row_begin = element_here(node.type.shape.elements()) * all;
  const Value row_size = whole(builder_, g_[x].type.shape.elements());
  const ir::Local total = builder_.local("total", number(0));
  builder_.loop(zero, whole(builder_, reach), false, [&](Value k) {
    const Value away = first + k * period, tick = backward_ ? nearest + k : nearest - k;
    const Value reached = away < all, j = ir::select(reached, backward_ ? all - 1 - away : away, zero);
    const Value number =
        rests ? position32_ + (backward_ ? index_ + away : index_ - away) : tick_number(hop, Tick::number) + tick;
    const Value row = number & whole(builder_, ring.capacity - 1);
    total.set(total.get() + select(reached, builder_.load(ring.buffer, row * row_size + row_begin + j, false), 0.0));
  });
  return total.get();
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
  Value x = convert(Scalar::u32, position32_ + index_) + key(0);
  x = (x ^ (x >> 17)) * u32(0xed5ad4bbu);
  x = (x ^ (x >> 11)) * u32(0xac4c1b51u);
  x = (x ^ (x >> 15)) * u32(0x31848babu);
  x = (x ^ (x >> 14)) + key(1);
  x = (x ^ (x >> 16)) * u32(0x7feb352du);
  x = (x ^ (x >> 15)) * u32(0x846ca68bu);
  x = x ^ (x >> 16);
  return convert(Scalar::f32, bitcast(Scalar::i32, x) >> 8) * 0x1p-23;
}

Value DeviceKernel::uniform_step(int recur, const schedule::PhaseAccumulator& phase) {
  if (const auto slot = buffers_.step_slot.find(recur); slot != buffers_.step_slot.end())
    return builder_.load(buffers_.steps, whole(builder_, slot->second), false);
  return fixed(constant_step(phase, phase.increment < 0 ? phase.step : g_[phase.increment].attributes.value));
}

/// A phase that is known at every frame: the host moves its start from block to block.
void DeviceKernel::compute_phase(int recur) {
  const bool shaped = schedule::is_shaped_loop(g_, recur);
  const schedule::PhaseAccumulator phase = shaped ? *schedule::row_phase(g_, recur) : *schedule::phase_accumulator(g_, recur);
  const Value e = shaped ? element_here(stage_.elements) : whole(builder_, 0);
  const Value step = shaped ? builder_.load(buffers_.row_steps.at(recur), e, false) : uniform_step(recur, phase);
  const Value start = builder_.load(buffers_.state.at({recur, 0}), e, false);
  const Value before = start + bitcast(Scalar::u64, convert(Scalar::i64, index_)) * step;
  std::vector<Value> results;
  for (const bool next : phase.next) results.push_back(phase_state(phase, next ? before + step : before));
  set_results(recur, results);
}

}  // namespace dgen::lower

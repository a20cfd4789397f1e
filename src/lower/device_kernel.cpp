#include "lower/device_kernel.h"

#include <algorithm>

#include "base/index.h"
#include "dgen/error.h"
#include "lower/access.h"
#include "lower/divided.h"
#include "lower/recurrence_writer.h"
#include "schedule/row_nodes.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;
using Tick = DeviceBuffers::Tick;

namespace {

constexpr ir::Type i32{Scalar::i32, false}, i64{Scalar::i64, false};

std::vector<ir::Type> arguments(int group) {
  std::vector<ir::Type> types{i32, i64, i32, i32};
  types.resize(group > 0 ? 6 : 4, i32);
  return types;
}

}  // namespace

DeviceKernel::DeviceKernel(const schedule::DeviceSchedule& schedule, const schedule::DeviceStage& stage, DeviceBuffers& buffers,
                           ir::Module& module, std::string name, int group)
    : g_(*schedule.control.graph), stage_(stage),
      buffers_(buffers), function_{.name = std::move(name), .arguments = arguments(group), .group = group, .why = stage.why},
      builder_(module, function_), backward_(schedule.run == ir::Run::backward), frames_(builder_.argument(0)),
      position_(builder_.argument(1)), item_(builder_.argument(2)), row_(builder_.argument(3)),
      position32_(convert(Scalar::i32, position_)) {}

void DeviceKernel::go_to(Value index) {
  const Value first = backward_ ? whole(builder_, 1) - position32_ - frames_ : position32_;
  index_ = tick_ = backward_ ? frames_ - 1 - index : index;
  frame_ = first + index;
}

void DeviceKernel::go_to_tick(Value tick) {
  const bool frames = stage_.hop == 1;
  index_ = frames ? tick : tick_number(stage_.hop, Tick::first_frame) + tick * whole(builder_, stage_.hop);
  tick_ = tick;
  frame_ = backward_ ? -(position32_ + index_) : position32_ + index_;
}

Value DeviceKernel::go_to_item(std::int64_t elements) {
  const Value tick = divided(builder_, item_, elements);
  const Value e = elements == 1 ? whole(builder_, 0) : item_ - tick * whole(builder_, elements);
  go_to_tick(tick);
  return e;
}

Value DeviceKernel::tick_number(std::int32_t hop, Tick what) {
  if (hop > 1) return builder_.load(buffers_.ticks, whole(builder_, buffers_.tick_place(hop, what)), false);
  if (what == Tick::first_frame) return whole(builder_, 0);
  return what == Tick::count ? frames_ : position32_;
}

Value DeviceKernel::tick_count() { return tick_number(stage_.hop, Tick::count); }

void DeviceKernel::write_rows() {
  element_ = go_to_item(stage_.elements);
  const std::vector<bool> wanted = needed();
  for (const int id : stage_.nodes) {
    if (!wanted[at(id)] || g_[id].op->kind == Kind::result || stage_.inlined.contains(id)) continue;
    if (g_[id].op->kind == Kind::recur)
      compute_phase(id);
    else
      value_[id] = compute(id);
  }
  store_tick();
}

/// Nodes of this stage that it stores, or needs for what it stores.
std::vector<bool> DeviceKernel::needed() const {
  std::vector<bool> wanted(at(g_.size()));
  for (const auto* list : {&stage_.stores, &stage_.fills, &stage_.keeps}) {
    for (const int id : *list) wanted[at(id)] = true;
  }
  for (const int c : stage_.outputs) wanted[at(g_.outputs()[at(c)].node)] = true;
  for (auto id = stage_.nodes.rbegin(); id != stage_.nodes.rend(); ++id) {
    const Node& node = g_[*id];
    const Kind kind = node.op->kind;
    const bool past = kind == Kind::delay || kind == Kind::window || kind == Kind::hold || kind == Kind::overlap_add;
    for (std::size_t k = past ? 1 : 0; k < node.inputs.size(); ++k) {
      if (wanted[at(*id)]) wanted[at(node.inputs[k])] = true;
    }
  }
  return wanted;
}

void DeviceKernel::write_lines() {
  const Value line = go_to_item(stage_.elements);
  for (const int id : stage_.nodes) element_ops().cumulate(id, line, [&](Value e, Value x) { store_element(id, e, x); });
}

void DeviceKernel::store_element(int id, Value e, Value value) {
  element_ = e;
  store_value(id, value);
}

void DeviceKernel::write_parts() {
  const Value item = go_to_item(stage_.elements);
  for (const int id : stage_.nodes) {
    if (stage_.inlined.contains(id)) continue;
    const std::int64_t parts = schedule::parts_of_sum(g_, id), summed = schedule::summed_elements(g_, id);
    const std::int64_t each = (summed + parts - 1) / parts;
    const Value e = divided(builder_, item, parts), part = item - e * whole(builder_, parts);
    const Value begin = part * whole(builder_, each), end = begin + whole(builder_, each), all = whole(builder_, summed);
    const Value sum = element_ops().partial_sum(id, e, begin, ir::select(end < all, end, all));
    builder_.store(buffers_.parts.at(id), tick_ * whole(builder_, stage_.elements) + item, sum);
  }
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
      store_tick();
    });
    writer.end();
  });
}

void DeviceKernel::each_row(const std::function<bool(int)>& counts, const std::function<void(int)>& body) {
  std::int64_t row = 0;
  for (const int id : stage_.nodes) {
    if (!counts(id)) continue;
    builder_.branch(row_ == whole(builder_, row++), [&] {
      value_.clear();
      body(id);
    });
  }
}

void DeviceKernel::each_loop(const std::function<void(int)>& body) {
  each_row([this](int id) { return g_[id].op->kind == Kind::recur; }, body);
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
void DeviceKernel::store_tick() {
  const bool all = stage_.form == schedule::DeviceForm::rows;
  std::vector<int> ids;
  const auto add = [&](int id) {
    if ((all || value_.contains(id)) && std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  };
  for (const auto* list : {&stage_.stores, &stage_.fills, &stage_.keeps}) std::ranges::for_each(*list, add);
  for (const int c : stage_.outputs) add(g_.outputs()[at(c)].node);
  std::vector<Value> values;
  for (const int id : ids) values.push_back(of(id));
  for (std::size_t k = 0; k < ids.size(); ++k) store_value(ids[k], values[k]);
}

void DeviceKernel::store_value(int id, Value value) {
  const auto has = [id](const std::vector<int>& list) { return std::ranges::find(list, id) != list.end(); };
  const Value elements = whole(builder_, g_[id].type.shape.elements()), e = element_here(g_[id].type.shape.elements());
  if (has(stage_.stores)) builder_.store(buffers_.crossing.at(id), row_place(id, e), value);
  if (has(stage_.fills)) {
    const Ring& ring = buffers_.ring.at(id);
    builder_.store(ring.buffer, (frame_ & whole(builder_, ring.capacity - 1)) * elements + e, value);
  }
  if (has(stage_.keeps)) {
    const Ring& ring = buffers_.tick_ring.at(id);
    const Value number = tick_number(stage_.hop, Tick::number) + tick_;
    builder_.store(ring.buffer, (number & whole(builder_, ring.capacity - 1)) * elements + e, value);
  }
  for (const int c : stage_.outputs) {
    if (g_.outputs()[at(c)].node == id)
      builder_.store(buffers_.output.at(c), channel_place(buffers_.output_origin, c, g_[id].type, e), value);
  }
}

/// The element of this work item, of a value of so many.
Value DeviceKernel::element_here(std::int64_t elements) {
  return elements == 1 || !element_.builder ? whole(builder_, 0) : element_;
}

Value DeviceKernel::row_place(int id, Value e) {
  const std::int64_t elements = g_[id].type.shape.elements();
  return elements == 1 ? tick_ : tick_ * whole(builder_, elements) + e;
}

Value DeviceKernel::channel_place(const std::map<int, int>& origins, int channel, const Type& type, Value e) {
  const std::int64_t elements = type.shape.elements();
  const Value place = elements == 1 ? tick_ : tick_ * whole(builder_, elements) + e;
  if (buffers_.origins < 0) return place;
  return builder_.load(buffers_.origins, whole(builder_, origins.at(channel)), false) + place;
}

Value DeviceKernel::of(int id) {
  if (const auto known = value_.find(id); known != value_.end()) return known->second;
  const Value value = element(id, element_here(g_[id].type.shape.elements()));
  if (buffers_.control_slot.contains(id)) value_[id] = value;
  return value;
}

Value DeviceKernel::element(int id, Value e) {
  const Node& node = g_[id];
  const bool here = node.type.shape.elements() == 1 || e.id == element_.id;
  if (const auto known = value_.find(id); known != value_.end() && here) return known->second;
  if (node.op->kind == Kind::constant) return number(node.attributes.value);
  if (node.op->kind == Kind::window) return windowed(id, e);
  if (stage_.inlined.contains(id)) return element_ops().compute(id, e);
  if (node.op->kind == Kind::input) {
    const auto channel = static_cast<int>(node.attributes.size);
    return builder_.load(buffers_.input.at(channel), channel_place(buffers_.input_origin, channel, node.type, e), false);
  }
  if (const auto slot = buffers_.control_slot.find(id); slot != buffers_.control_slot.end())
    return builder_.load(buffers_.values, whole(builder_, slot->second), false);
  if (!moves(node.type)) {
    const auto [buffer, first] = buffers_.control_elements(g_, id);
    return builder_.load(buffer, first == 0 ? e : whole(builder_, first) + e, false);
  }
  return builder_.load(buffers_.crossing.at(id), row_place(id, e), false);
}

ElementOps DeviceKernel::element_ops() {
  return {g_, builder_, buffers_, [this](int id, Value e) { return element(id, e); }};
}

Value DeviceKernel::compute(int id) {
  const Node& node = g_[id];
  const Value e = element_here(node.type.shape.elements());
  if (!moves(node.type)) return element(id, e);  // a copy, whose past is kept
  switch (node.op->kind) {
    case Kind::delay:
    case Kind::line_read: return delayed(id);
    case Kind::gather: return gathered(id);
    case Kind::noise: return noise_at(id);
    case Kind::frame_index: return convert(Scalar::f32, position_ + convert(Scalar::i64, index_));
    case Kind::hold: return held(id);
    case Kind::overlap_add: return overlapped(id);
    case Kind::window:
    case Kind::input: return element(id, e);
    case Kind::contract: return contracted(id, e);
    case Kind::pointwise:
    case Kind::expand:
    case Kind::reshape:
    case Kind::linear:
    case Kind::outer:
    case Kind::view:
    case Kind::view_sum:
    case Kind::matmul:
    case Kind::extremum:
    case Kind::take:
    case Kind::scatter_add: return element_ops().compute(id, e);
    case Kind::constant:
    case Kind::param:
    case Kind::sample_rate:
    case Kind::table:
    case Kind::tensor:
    case Kind::scatter:
    case Kind::cell:
    case Kind::line:
    case Kind::handle:
    case Kind::reduce:
    case Kind::sequence:
    case Kind::recur:
    case Kind::result:
    case Kind::state:
    case Kind::argument:
    case Kind::cumulate:
    case Kind::fft:
    case Kind::composite: break;  // known before the frames, or of stages of their own
  }
  throw InternalError("internal error, this must hold: rows have no " + std::string(node.op->name));
}

/// The sum of what `write_parts` summed; of a short one, of its terms.
Value DeviceKernel::contracted(int id, Value e) {
  const auto parts = buffers_.parts.find(id);
  if (parts == buffers_.parts.end()) return element_ops().compute(id, e);
  const std::int64_t count = schedule::parts_of_sum(g_, id);
  const Value first = (tick_ * whole(builder_, stage_.elements) + e) * whole(builder_, count);
  const ir::Local total = builder_.local("total", number(0));
  builder_.loop(whole(builder_, 0), whole(builder_, count), false,
                [&](Value k) { total.set(total.get() + builder_.load(parts->second, first + k, false)); });
  return total.get();
}

}  // namespace dgen::lower

#include "lower/device_row_scans.h"

#include <map>

#include "base/index.h"
#include "lower/access.h"
#include "lower/affine_map.h"
#include "lower/device_element_loop.h"
#include "lower/divided.h"
#include "passes/affine_loops.h"

namespace dgen::lower {

using ir::Local;
using ir::Value;

namespace {

/// Numbers of an `AffineElement` in one frame.
class ElementNumbers {
 public:
  ElementNumbers(const passes::AffineElement& element, ir::Builder& builder, const std::function<Value(std::size_t)>& argument)
      : g_(*element.graph), b_(builder), argument_(argument) {}

  std::vector<Value> of(const std::vector<int>& ids) {
    std::vector<Value> made;
    for (const int id : ids) made.push_back(number(id));
    return made;
  }

 private:
  Value number(int id) {
    if (const auto known = known_.find(id); known != known_.end()) return known->second;
    const Node& node = g_[id];
    Value made{};
    if (node.op->kind == Kind::constant)
      made = b_.number({ir::Scalar::f32, false}, node.attributes.value);
    else if (node.op->kind == Kind::argument)
      made = argument_(static_cast<std::size_t>(node.attributes.size));
    else
      made = lower_pointwise(*node.op, b_, of(node.inputs));
    return known_[id] = made;
  }

  const Graph& g_;
  ir::Builder& b_;
  const std::function<Value(std::size_t)>& argument_;
  std::map<int, Value> known_;
};

}  // namespace

Value DeviceRowScanKernel::go_to_chunk() {
  const Value chunk = divided(builder_, item_, stage_.elements);
  element_ = remainder(builder_, item_, stage_.elements);
  go_to(whole(builder_, 0));
  return chunk;
}

Value DeviceRowScanKernel::place(Value chunk, std::size_t each, std::size_t k) {
  return (chunk * whole(builder_, stage_.elements) + element_) * whole(builder_, static_cast<std::int64_t>(each)) +
         whole(builder_, static_cast<std::int64_t>(k));
}

void DeviceRowScanKernel::each_frame(Value chunk, const std::function<void()>& body) {
  const Value begin = chunk * whole(builder_, scan_chunk), end = begin + whole(builder_, scan_chunk);
  builder_.loop(begin, ir::select(end < frames_, end, frames_), false, [&](Value i) {
    go_to(i);
    body();
  });
}

void DeviceRowScanKernel::write_summaries() {
  each_loop([this](int recur) {
    const Value chunk = go_to_chunk();
    prepare(recur);
    summarise(recur, chunk);
  });
}

void DeviceRowScanKernel::summarise(int recur, Value chunk) {
  const Recurrence& recurrence = *g_[recur].attributes.recurrence;
  const std::vector<int>& inputs = g_[recur].inputs;
  const passes::AffineElement element = *passes::affine_element(recurrence, inputs.size());
  const std::size_t n = recurrence.states.size();
  const std::function<Value(std::size_t)> argument = [&](std::size_t k) {
    if (k < inputs.size()) return of(inputs[k]);
    const Node& tensor = (*recurrence.body)[element.tensors[k - inputs.size()]];
    return builder_.load(buffers_.constant_row(*tensor.attributes.table),
                         tensor.type.shape.elements() == 1 ? whole(builder_, 0) : element_, false);
  };
  std::vector<Local> state, so_far;
  for (std::size_t k = 0; k < n; ++k) state.push_back(builder_.local("sum", number(0)));
  for (std::size_t e = 0; e < n * n; ++e) so_far.push_back(builder_.local("product", number(e / n == e % n ? 1 : 0)));
  each_frame(chunk, [&] {
    ElementNumbers numbers(element, builder_, argument);
    const Values matrix = numbers.of(element.matrix), offset = numbers.of(element.offset);
    Values composed = product(matrix, values_of(so_far), n);
    for (Value& entry : composed) entry = finite(entry);
    set_all(state, advanced(matrix, values_of(state), offset, true));
    set_all(so_far, composed);
  });
  const int summary = buffers_.row_scans.at(recur).summary;
  const std::size_t each = n + n * n;
  for (std::size_t k = 0; k < n; ++k) builder_.store(summary, place(chunk, each, k), state[k].get());
  for (std::size_t e = 0; e < n * n; ++e) builder_.store(summary, place(chunk, each, n + e), so_far[e].get());
}

void DeviceRowScanKernel::write_carries() {
  each_loop([this](int recur) {
    go_to_chunk();
    prepare(recur);
    carry(recur);
  });
}

void DeviceRowScanKernel::carry(int recur) {
  static_assert(scan_chunk == 1 << 6);
  const std::vector<RecurrenceState>& states = g_[recur].attributes.recurrence->states;
  const DeviceRowScan& memory = buffers_.row_scans.at(recur);
  const std::size_t n = states.size(), each = n + n * n;
  std::vector<Local> state;
  for (std::size_t k = 0; k < n; ++k) {
    Value first = builder_.load(buffers_.state.at({recur, static_cast<int>(k)}), element_, false);
    if (!backward_)  // adjoints: of zero
      first = ir::select(position_ == like(position_, 0), of(g_[recur].inputs[at(states[k].initial)]), first);
    state.push_back(builder_.local("state", first));
  }
  const Value chunks = (frames_ + whole(builder_, scan_chunk - 1)) >> 6;
  builder_.loop(whole(builder_, 0), chunks, false, [&](Value chunk) {
    const auto summed = [&](std::size_t k) { return builder_.load(memory.summary, place(chunk, each, k), false); };
    Values sums, power;
    for (std::size_t k = 0; k < n; ++k) {
      builder_.store(memory.carry, place(chunk, n, k), state[k].get());
      sums.push_back(summed(k));
    }
    for (std::size_t e = n; e < each; ++e) power.push_back(summed(e));
    set_all(state, advanced(power, values_of(state), sums, true));
  });
}

void DeviceRowScanKernel::write_frames() {
  each_loop([this](int recur) {
    const Value chunk = go_to_chunk();
    const std::function<Value(int)> given = [&](int k) { return of(g_[recur].inputs[at(k)]); };
    prepare(recur);
    const std::size_t n = g_[recur].attributes.recurrence->states.size();
    Values first;
    for (std::size_t k = 0; k < n; ++k)
      first.push_back(builder_.load(buffers_.row_scans.at(recur).carry, place(chunk, n, k), false));
    ElementLoop loop(g_, recur, buffers_, builder_, element_);
    loop.begin(first);
    each_frame(chunk, [&] {
      set_results(recur, loop.tick(given));
      store_tick();
    });
    const Value end = (chunk + whole(builder_, 1)) * whole(builder_, scan_chunk);
    builder_.branch(end >= frames_, [&] { loop.end(); });
  });
}

}  // namespace dgen::lower

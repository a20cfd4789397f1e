#include "lower/device_scan.h"

#include <algorithm>
#include <utility>

#include "base/index.h"
#include "graph/affine_loop.h"
#include "lower/access.h"
#include "lower/affine_map.h"
#include "lower/phase_writer.h"
#include "schedule/device_schedule.h"

namespace dgen::lower {

using ir::Local;
using ir::Scalar;
using ir::Value;

struct DeviceScanKernel::Scan {
  AffineLoop loop;
  bool resets;  ///< a coefficient of 0 lets nothing through, not even what is infinite
  const DeviceScan& memory;
  bool invariant = false;
  Values rotation{};  ///< cosine and sine
  std::size_t states() const { return loop.states; }
};

namespace {

/// `fixed_step` of an f32 increment, without double: the range is a power of two, so that no step of this rounds.
Value single_step(const schedule::PhaseAccumulator& phase, Value increment) {
  const Value periods = abs(increment) * (1 / (phase.max - phase.min));
  Value part = periods - floor(periods);
  part = select((part >= 0.0) & (part < 1.0), part, 0.0);  // an increment that is not finite stands still
  const Value step = bitcast(Scalar::u64, convert(Scalar::i64, part * 0x1p63)) << 1;
  return ir::select(increment < 0.0, -step, step);
}

Value minimum(Value a, Value b) { return select(a < b, a, b); }

/// Cosine and sine of the coordinates of this block, or of the turn since the last; none where they are not turned.
std::vector<Value> load_rotation(ir::Builder& b, const DeviceScan& memory, std::size_t states, bool turn) {
  const DeviceScan::Uniform place{states};
  std::vector<Value> made;
  for (int k = 0; k < 2 && memory.rotation >= 0; ++k)
    made.push_back(b.load(memory.uniform, whole(b, turn ? place.turn(k) : place.rotation(k)), false));
  return made;
}

}  // namespace

DeviceScanKernel::Scan DeviceScanKernel::scan_of(int recur) const {
  AffineLoop loop = *affine_loop(g_, recur);
  const std::vector<bool> entries = may_reset(g_, loop);
  const bool resets = std::find(entries.begin(), entries.end(), true) != entries.end();
  return {std::move(loop), resets, buffers_.scans.at(recur)};
}

void DeviceScanKernel::write_summaries() {
  each_loop([this](int recur) {
    if (buffers_.phases.contains(recur)) return summarise_phase(recur);
    Scan scan = scan_of(recur);
    prepare(recur);
    summarise(scan);
  });
}

void DeviceScanKernel::write_carries() {
  each_loop([this](int recur) {
    if (buffers_.phases.contains(recur)) return carry_phase(recur);
    Scan scan = scan_of(recur);
    carry(scan);
  });
}

void DeviceScanKernel::write_frames() {
  each_loop([this](int recur) {
    if (buffers_.phases.contains(recur)) return run_phase(recur);
    Scan scan = scan_of(recur);
    prepare(recur);
    run(scan, recur);
  });
}

void DeviceScanKernel::each_frame(const std::function<void(Value)>& frame) {
  const Value begin = item_ * whole(builder_, scan_chunk);
  builder_.loop(begin, minimum(frames_, begin + whole(builder_, scan_chunk)), false, [&](Value i) {
    go_to(i);
    frame(i);
  });
}

void DeviceScanKernel::each_chunk(const std::function<void(Value)>& body) {
  static_assert(scan_chunk == 1 << 6);
  const Value chunks = (frames_ + whole(builder_, scan_chunk - 1)) >> 6;
  builder_.loop(whole(builder_, 0), chunks, false, body);
}

/// Element k of `each` that an item has.
Value DeviceScanKernel::item_element(Value item, std::size_t each, std::size_t k) {
  return item * whole(builder_, static_cast<std::int64_t>(each)) + whole(builder_, static_cast<std::int64_t>(k));
}

/// The matrix of a frame, or its power for a chunk.
DeviceScanKernel::Values DeviceScanKernel::coefficients(const Scan& scan, bool power) {
  const DeviceScan::Uniform place{scan.states()};
  Values m;
  for (std::size_t e = 0; e < scan.loop.matrix.size(); ++e) {
    if (!scan.invariant)
      m.push_back(of(scan.loop.matrix[e]));
    else
      m.push_back(builder_.load(scan.memory.uniform, whole(builder_, power ? place.power(e) : place.matrix(e)), false));
  }
  return m;
}

DeviceScanKernel::Values DeviceScanKernel::turned(const Scan& scan, const Values& x, bool back) const {
  if (scan.rotation.empty()) return x;
  const Value c = scan.rotation[0], s = scan.rotation[1];
  return back ? Values{c * x[0] - s * x[1], s * x[0] + c * x[1]} : Values{c * x[0] + s * x[1], c * x[1] - s * x[0]};
}

DeviceScanKernel::Values DeviceScanKernel::offsets(Scan& scan) {
  Values x;
  for (const int id : scan.loop.offset) x.push_back(of(id));
  return turned(scan, x, false);
}

void DeviceScanKernel::summarise(Scan& scan) {
  const std::size_t n = scan.states();
  scan.invariant = scan.memory.uniform >= 0;
  scan.rotation = load_rotation(builder_, scan.memory, n, false);
  const Values fixed_matrix = scan.invariant ? coefficients(scan, false) : Values{};
  std::vector<Local> state, product_so_far;
  for (std::size_t k = 0; k < n; ++k) state.push_back(builder_.local("sum", number(0)));
  for (std::size_t e = 0; e < n * n && !scan.invariant; ++e)
    product_so_far.push_back(builder_.local("product", number(e / n == e % n ? 1 : 0)));
  each_frame([&](Value) {
    const Values matrix = scan.invariant ? fixed_matrix : coefficients(scan, false);
    const Values after = advanced(matrix, values_of(state), offsets(scan), scan.resets);
    set_all(state, after);
    if (scan.invariant) return;
    Values composed = product(matrix, values_of(product_so_far), n);
    for (Value& entry : composed) entry = finite(entry);
    set_all(product_so_far, composed);
  });
  const std::size_t each = n + product_so_far.size();
  for (std::size_t k = 0; k < n; ++k) builder_.store(scan.memory.summary, item_element(item_, each, k), state[k].get());
  for (std::size_t e = 0; e < product_so_far.size(); ++e)
    builder_.store(scan.memory.summary, item_element(item_, each, n + e), product_so_far[e].get());
}

void DeviceScanKernel::carry(Scan& scan) {
  const std::size_t n = scan.states();
  scan.invariant = scan.memory.uniform >= 0;
  scan.rotation = load_rotation(builder_, scan.memory, n, true);
  Values kept;
  for (const int buffer : scan.memory.state) kept.push_back(builder_.load(buffer, whole(builder_, 0), false));
  kept = turned(scan, kept, false);
  std::vector<Local> state;
  for (std::size_t k = 0; k < n; ++k) {
    const Value start = builder_.load(scan.memory.start, whole(builder_, static_cast<std::int64_t>(k)), false);
    const Value first = backward_ ? kept[k] : ir::select(position_ == like(position_, 0), start, kept[k]);  // adjoints: of zero
    state.push_back(builder_.local("state", first));
  }
  const Values fixed_power = scan.invariant ? coefficients(scan, true) : Values{};
  const std::size_t each = scan.invariant ? n : n + n * n;
  each_chunk([&](Value chunk) {
    const auto element = [&](std::size_t k) { return builder_.load(scan.memory.summary, item_element(chunk, each, k), false); };
    Values sums, power = fixed_power;
    for (std::size_t k = 0; k < n; ++k) {
      builder_.store(scan.memory.carry, item_element(chunk, n, k), state[k].get());
      sums.push_back(element(k));
    }
    for (std::size_t e = n; e < each; ++e) power.push_back(element(e));
    set_all(state, advanced(power, values_of(state), sums, scan.resets));
  });
}

void DeviceScanKernel::run(Scan& scan, int recur) {
  const std::size_t n = scan.states();
  scan.invariant = scan.memory.uniform >= 0;
  scan.rotation = load_rotation(builder_, scan.memory, n, false);
  const Values fixed_matrix = scan.invariant ? coefficients(scan, false) : Values{};
  std::vector<Local> state;
  for (std::size_t k = 0; k < n; ++k)
    state.push_back(builder_.local("state", builder_.load(scan.memory.carry, item_element(item_, n, k), false)));
  each_frame([&](Value) {
    const Values before = values_of(state);
    const Values after = advanced(scan.invariant ? fixed_matrix : coefficients(scan, false), before, offsets(scan), scan.resets);
    set_all(state, after);
    const Values seen_before = turned(scan, before, true), seen_after = turned(scan, after, true);
    Values results;
    for (const AffineLoop::Result& result : scan.loop.results)
      results.push_back((result.after ? seen_after : seen_before)[result.state]);
    set_results(recur, results);
    store_tick();
  });
  keep_at_end(scan.memory.state, state);
}

void DeviceScanKernel::keep_at_end(const std::vector<int>& buffers, const std::vector<Local>& values) {
  const Value end = (item_ + whole(builder_, 1)) * whole(builder_, scan_chunk);
  builder_.branch(end >= frames_, [&] {
    for (std::size_t k = 0; k < buffers.size(); ++k) builder_.store(buffers[k], whole(builder_, 0), values[k].get());
  });
}

Value DeviceScanKernel::phase_after(int recur, const schedule::PhaseAccumulator& phase, Value before) {
  const bool moving = phase.increment >= 0 && g_[phase.increment].type.clock > Clock::control;
  return before + (moving ? single_step(phase, of(phase.increment)) : uniform_step(recur, phase));
}

void DeviceScanKernel::summarise_phase(int recur) {
  const schedule::PhaseAccumulator phase = *schedule::phase_accumulator(g_, recur);
  const DevicePhase& memory = buffers_.phases.at(recur);
  prepare(recur);
  const Local sum = builder_.local("sum", fixed(0)), restarted = builder_.local("restarted", whole(builder_, 0));
  each_frame([&](Value) {
    Value after = phase_after(recur, phase, sum.get());
    if (phase.restart >= 0) {
      const Value again = of(phase.restart) != 0.0;
      after = ir::select(again, fixed(-first_phase(phase)), after);
      restarted.set(ir::select(again, whole(builder_, 1), restarted.get()));
    }
    sum.set(after);
  });
  builder_.store(memory.summary, item_, sum.get());
  if (memory.restarted >= 0) builder_.store(memory.restarted, item_, restarted.get());
}

void DeviceScanKernel::carry_phase(int recur) {
  const DevicePhase& memory = buffers_.phases.at(recur);
  const Local now = builder_.local("phase", builder_.load(buffers_.state.at({recur, 0}), whole(builder_, 0), false));
  each_chunk([&](Value chunk) {
    const Value before = now.get(), sum = builder_.load(memory.summary, chunk, false);
    builder_.store(memory.carry, chunk, before);
    Value after = before + sum;
    if (memory.restarted >= 0)
      after = ir::select(builder_.load(memory.restarted, chunk, false) != whole(builder_, 0), sum, after);
    now.set(after);
  });
}

void DeviceScanKernel::run_phase(int recur) {
  const schedule::PhaseAccumulator phase = *schedule::phase_accumulator(g_, recur);
  prepare(recur);
  const Local now = builder_.local("phase", builder_.load(buffers_.phases.at(recur).carry, item_, false));
  each_frame([&](Value) {
    const Value before = now.get();
    Value after = phase_after(recur, phase, before);
    if (phase.restart >= 0) after = ir::select(of(phase.restart) != 0.0, fixed(-first_phase(phase)), after);
    now.set(after);
    std::vector<Value> results;
    for (const bool next : phase.next) results.push_back(phase_state(phase, next ? after : before));
    set_results(recur, results);
    store_tick();
  });
  keep_at_end({buffers_.state.at({recur, 0})}, {now});
}

}  // namespace dgen::lower

#include "lower/frame_kernel.h"

#include <algorithm>
#include <cmath>

#include "base/index.h"
#include "base/noise.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "graph/table_size.h"
#include "graph/turns.h"
#include "lower/access.h"
#include "lower/rows.h"
#include "lower/tap_writer.h"
#include "ops/expand_logarithm.h"
#include "ops/expand_trigonometric.h"
#include "schedule/carried_delay.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

Value lower_pointwise(const OpDef& op, ir::Builder& builder, std::span<const Value> x) {
  return op.outline ? builder.call(op.name, x, op.lower) : op.lower(x);
}

namespace {

/// The base, where node `id` is a power of a constant that `power_of` takes.
std::optional<double> base_of_power(const Graph& graph, int id) {
  if (graph[id].op != &ops::pow) return {};
  const Node& base = graph[graph[id].inputs[0]];
  const bool fits = base.op->kind == Kind::constant && base.attributes.value > 1e-30 && base.attributes.value < 1e30;
  return fits && base.attributes.value != 1 ? std::optional(base.attributes.value) : std::nullopt;
}

}  // namespace

Value lower_frame_node(const Graph& graph, int id, ir::Builder& builder, const std::function<Value(int)>& of) {
  const std::optional<Turns> turns = sine_of_turns(graph, id);
  if (turns && turns->factor == 1) return ops::expand::sine_of_turns(of(turns->of), turns->offset);
  if (const int half_turns = tangent_of_half_turns(graph, id); half_turns >= 0)
    return ops::expand::tan_of_half_turns(of(half_turns));
  if (const std::optional<double> base = base_of_power(graph, id)) return ops::expand::power_of(*base, of(graph[id].inputs[1]));
  std::vector<Value> x;
  for (const int input : graph[id].inputs) x.push_back(of(input));
  return lower_pointwise(*graph[id].op, builder, x);
}

FrameKernel::FrameKernel(const schedule::Schedule& schedule, const schedule::Stage& stage, const Buffers& buffers,
                         ir::Module& module)
    : stage_(stage), g_(*schedule.graph), buffers_(buffers),
      taps_(schedule.taps), function_{.arguments = {{Scalar::i32, false}, {Scalar::i64, false}}}, builder_(module, function_),
      wide_(stage.order == schedule::Order::parallel), backward_(module.run == ir::Run::backward), frames_(builder_.argument(0)),
      position_(builder_.argument(1)), position32_(convert(Scalar::i32, position_)),
      first_(backward_ ? 1 - position32_ - frames_ : position32_), powers_(g_, stage, buffers, builder_) {}

ir::Function FrameKernel::write(const schedule::Schedule& schedule, const schedule::Stage& stage, const Buffers& buffers,
                                ir::Module& module, std::string name) {
  FrameKernel kernel(schedule, stage, buffers, module);
  kernel.prepare();
  kernel.begin_recurrences();
  const auto stage_number = static_cast<int>(&stage - schedule.stages.data());
  if (const auto found = buffers.oscillators.find(stage_number); found != buffers.oscillators.end())
    kernel.begin_oscillators(found->second);
  kernel.find_needed();
  kernel.prepare_delays();
  kernel.begin_taps();
  kernel.begin_sums();
  kernel.write_loops();
  kernel.end_sums();
  kernel.move_overlaps();
  kernel.end_rings();
  for (auto& [id, writer] : kernel.recurrences_) writer.end();
  for (auto& [id, writer] : kernel.phases_) writer.end(kernel.frames_);
  for (auto& [id, writer] : kernel.carried_) writer.end(kernel.frames_);
  kernel.function_.name = std::move(name);
  kernel.function_.why = stage.why;
  return std::move(kernel.function_);
}

/// Scans know whole vectors from what is left: a part of a vector, by itself or as the only one. Both take the same
/// instructions, because the C compiler may fuse products with sums in one copy of them and not in another.
void FrameKernel::write_loops() {
  const Value zero = whole(builder_, 0);
  Value vectors{};
  if (!scans_.empty() || !cascades_.empty()) {
    Value unfinished = zero;
    for (const auto& [id, scan] : scans_) unfinished = unfinished | scan.unfinished();
    for (const auto& [id, system] : cascades_) unfinished = unfinished | system.unfinished();
    vectors = select(unfinished == zero, frames_ - (frames_ & (builder_.lanes() - whole(builder_, 1))), zero);
  }
  builder_.loop(zero, frames_, wide_, [&](Value i) {
    if (vectors.builder) rest_ = vectors <= i;
    write_frames(i);
    if (oscillators_) oscillators_->next_vector();
  });
  if (!vectors.builder) return;
  builder_.branch(vectors == frames_, [&] {
    for (auto& [id, scan] : scans_) scan.end_whole_vectors();
    for (auto& [id, system] : cascades_) system.end_whole_vectors();
  });
}

/// An iteration: everything of the stage, from frame `i` of the sub-block on.
void FrameKernel::write_frames(Value i) {
  index_ = i;
  frame_ = first_ + i;
  host_index_ = backward_ ? frames_ - 1 - i : i;
  inside_ = {};
  for (const int id : stage_.nodes) {
    const Kind kind = g_[id].op->kind;
    if (!needed_.contains(id)) continue;
    if (const auto oscillator = oscillator_.find(id); oscillator != oscillator_.end()) {
      value_[id] = oscillators_->frame(oscillator->second);
    } else if (const auto bank = bank_.find(id); bank != bank_.end()) {
      value_[id] = oscillators_->sum(bank->second);
    } else if (taps_.sums.contains(id)) {
      value_[id] = tap_sum(id);
    } else if (kind == Kind::recur) {
      run_recurrence(id);
    } else if (kind == Kind::reduce) {
      add_to_sum(id);
    } else if (kind != Kind::result) {
      value_[id] = compute(id);
    }
    if (past_.contains(id)) store_past(id);
  }
  for (const int id : stage_.fills) {
    if (!past_.contains(id)) store_past(id);
  }
  store_all(i);
}

/// Rings of one capacity come to their ends together, so that one question answers for all.
void FrameKernel::end_rings() {
  std::map<std::pair<int, int>, std::vector<Ring>> alike;
  for (const int id : stage_.fills) {
    const Ring& ring = buffers_.ring.at(id);
    alike[{ring.capacity, ring.mirror}].push_back(ring);
  }
  for (const auto& [sizes, rings] : alike) update_mirrors(builder_, rings, first_, frames_);
}

void FrameKernel::begin_recurrences() {
  for (const int id : stage_.nodes) {
    const Node& node = g_[id];
    if (node.op->kind == Kind::result) results_[node.inputs[0]].push_back(id);
    if (node.op->kind != Kind::recur) continue;
    if (const auto phase = schedule::phase_accumulator(g_, id)) {
      const int buffer = buffers_.state.at({id, 0});
      const bool uniform_step = phase->increment < 0 || g_[phase->increment].type.clock <= Clock::control;
      PhaseWriter& writer = phases_.try_emplace(id, *phase, wide_, uniform_step, buffer, builder_).first->second;
      writer.begin(uniform_step ? uniform_phase_step(id, *phase) : Value{});
      continue;
    }
    if (const auto system = cascade(g_, id)) {
      buffers_.skewed.contains(id) ? run_skewed(id, *system) : begin_cascade(id, *system);
      continue;
    }
    if (const auto loop = affine_loop(g_, id)) {
      begin_scan(id, *loop);
      continue;
    }
    RecurrenceWriter& writer = recurrences_.try_emplace(id, g_, id, buffers_, builder_).first->second;
    index_ = whole(builder_, 0);
    host_index_ = backward_ ? frames_ - 1 : index_;
    writer.begin(position_, [&](int k) { return of(node.inputs[at(k)]); });
    value_.clear();
  }
}

void FrameKernel::begin_scan(int id, const AffineLoop& loop) {
  ScanWriter& writer =
      scans_.try_emplace(id, loop, is_time_invariant(g_, loop), may_reset(g_, loop), buffers_.scan.at(id), builder_)
          .first->second;
  if (const ScanPowers* powers = powers_.of(id)) writer.keep_powers(*powers);
  if (powers_.joins_carry(id)) writer.join_carry();
  writer.begin(position_, frames_, [&](std::size_t k) {
    const Node& initial = g_[loop.initial[k]];
    const bool zero = backward_ || (initial.op->kind == Kind::constant && initial.attributes.value == 0);  // so are adjoints
    return zero ? Value{} : uniform(loop.initial[k]);
  });
}

void FrameKernel::begin_cascade(int id, const Cascade& system) {
  const Recurrence& recurrence = *g_[id].attributes.recurrence;
  cascades_.try_emplace(id, recurrence, system, buffers_.cascade.at(id), builder_).first->second.begin(position_, frames_);
}

/// The whole sub-block before the loop: its input comes from an earlier stage, or from the host.
void FrameKernel::run_skewed(int id, const Cascade& system) {
  const Cascade& kept = systems_.try_emplace(id, system).first->second;
  SkewedWriter& writer =
      skewed_.try_emplace(id, *g_[id].attributes.recurrence, kept, buffers_.skewed.at(id), builder_).first->second;
  writer.run(frames_, [&](Value i) {
    index_ = i;
    host_index_ = backward_ ? frames_ - 1 - i : i;
    value_.clear();
    return spread(of(g_[id].inputs[0]));
  });
  value_.clear();
}

void FrameKernel::begin_oscillators(const OscillatorBuffers& buffers) {
  oscillators_.emplace(buffers, builder_.module().sub_block, frames_, position32_, builder_);
  const StageOscillators& all = buffers.stage;
  for (std::size_t k = 0; k < all.oscillators.size(); ++k) {
    const int node = all.oscillators[k].node;
    const bool of_bank = !all.banks.empty() && k < all.banks.back().first + all.banks.back().count;
    if (!of_bank) oscillator_[node] = k;
    const schedule::Oscillator oscillator = *schedule::oscillator(g_, node);
    oscillators_->begin(k, oscillator, phases_.at(oscillator.recur).first());
  }
  for (std::size_t k = 0; k < all.banks.size(); ++k) bank_[all.banks[k].node] = k;
  oscillators_->write_angles();
  oscillators_->write_sums();
  oscillators_->begin_vectors();
}

/// A node is needed where something leaves the stage with its value, or a node that is needed takes it.
void FrameKernel::find_needed() {
  const std::vector<int> leaving = leaving_nodes(g_, stage_);
  needed_.insert(leaving.begin(), leaving.end());
  for (auto id = stage_.nodes.rbegin(); id != stage_.nodes.rend(); ++id) {
    const Kind kind = g_[*id].op->kind;
    const bool steady = phases_.contains(*id) && wide_;
    if (kind == Kind::reduce || kind == Kind::overlap_add || (kind == Kind::recur && !steady)) needed_.insert(*id);
    if (!needed_.contains(*id) || oscillator_.contains(*id) || bank_.contains(*id)) continue;
    if (const auto sum = taps_.sums.find(*id); sum != taps_.sums.end()) {
      for (const auto& term : sum->second.rest) needed_.insert(term.node);
      continue;
    }
    needed_.insert(g_[*id].inputs.begin(), g_[*id].inputs.end());
  }
}

/// A step that does not change within a call, in fixed point.
Value FrameKernel::uniform_phase_step(int id, const schedule::PhaseAccumulator& phase) {
  if (phase.increment < 0) return fixed_step(phase, builder_.number({Scalar::f64, false}, phase.step));
  if (g_[phase.increment].op->kind == Kind::constant) return fixed_step(phase, uniform(phase.increment));
  return builder_.load(buffers_.steps, whole(builder_, buffers_.step_slot.at(id)), false);
}

void FrameKernel::run_recurrence(int id) {
  std::vector<Value> results;
  if (const auto phase = phases_.find(id); phase != phases_.end()) {
    results = phase->second.frame(index_, [this](int x) { return of(x); });
  } else if (const auto scan = scans_.find(id); scan != scans_.end()) {
    const auto is_zero = [this](int x) { return g_[x].op->kind == Kind::constant && g_[x].attributes.value == 0; };
    const auto value = [this](int x) { return of(x); };
    results = scan->second.frame(index_, rest_, value, is_zero);
  } else if (const auto row = skewed_.find(id); row != skewed_.end()) {
    results = {row->second.frame(index_)};
  } else if (const auto system = cascades_.find(id); system != cascades_.end()) {
    results = system->second.frame(index_, rest_, spread(of(g_[id].inputs[0])));
  } else {
    const Value position = position_ + convert(Scalar::i64, index_);
    results = recurrences_.at(id).frame(frame_, position, [&](int k) { return of(g_[id].inputs[at(k)]); });
  }
  for (const int result : results_[id]) value_[result] = results[static_cast<std::size_t>(g_[result].attributes.size)];
}

void FrameKernel::prepare() {
  for (const int id : stage_.nodes) {
    if (buffers_.cascade.contains(id) || buffers_.skewed.contains(id)) continue;  // take their coefficients themselves
    for (const int x : g_[id].inputs) prepare_node(x);
  }
  for (const int x : stage_.fills) {
    prepare_node(x);
    fills_from_[x] = first_ & whole(builder_, buffers_.ring.at(x).capacity - 1);
  }
  for (const int x : stage_.loads) {
    const bool from_ring = g_[x].op->kind != Kind::input && !buffers_.crossing.contains(x);
    if (from_ring) fills_from_[x] = first_ & whole(builder_, buffers_.ring.at(x).capacity - 1);
  }
  for (const int x : stage_.windows) prepare_node(x);
  for (const int c : stage_.outputs) prepare_node(g_.outputs()[at(c)].node);
  for (const int id : stage_.nodes) {
    const Node& node = g_[id];
    if (node.op->kind != Kind::noise) continue;
    // The keys of base/noise.h; a sub-block does not cross a multiple of 2^32 frames.
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;
    const auto u64 = [&](std::uint64_t v) { return builder_.integer({Scalar::u64, false}, static_cast<std::int64_t>(v)); };
    const auto scramble = [&](Value x) {
      x = (x ^ (x >> 30)) * u64(0xbf58476d1ce4e5b9u);
      x = (x ^ (x >> 27)) * u64(0x94d049bb133111ebu);
      return x ^ (x >> 31);
    };
    const std::uint64_t seed = dgen::scramble(static_cast<std::uint64_t>(node.attributes.size) + golden);
    const Value high = convert(Scalar::u64, position_) >> 32;
    const Value keys = scramble(u64(seed) + (high + u64(1)) * u64(golden));
    noise_keys_[id] = {convert(Scalar::u32, keys), convert(Scalar::u32, keys >> 32)};
  }
}

void FrameKernel::prepare_delays() {
  past_.insert(stage_.fills.begin(), stage_.fills.end());
  std::erase_if(past_, [this](int id) { return std::find(stage_.nodes.begin(), stage_.nodes.end(), id) == stage_.nodes.end(); });
  for (const int id : stage_.nodes) {
    const Node& node = g_[id];
    if (!needed_.contains(id)) continue;
    if (const int frames = schedule::carried_frames(g_, id)) {
      carried_.try_emplace(id, buffers_.carried.at(id), frames, builder_);
      continue;
    }
    const bool still_time = node.inputs.size() > 1 && g_[node.inputs[1]].type.clock <= Clock::control;
    const bool reads = node.op->kind == Kind::line_read || node.op->kind == Kind::delay;
    if (reads && still_time) delayed_from_[id] = delayed_from(id);
  }
}

/// FIR filters, over the whole sub-block before the loop.
void FrameKernel::begin_taps() {
  for (const int id : stage_.nodes) {
    const auto sum = taps_.sums.find(id);
    if (sum == taps_.sums.end() || !needed_.contains(id)) continue;
    for (std::size_t k = 0; k < sum->second.runs.size(); ++k) {
      const schedule::TapRun& run = sum->second.runs[k];
      const Ring& ring = buffers_.ring.at(run.source);
      const Value origin = reach_of(ring) + whole(builder_, ring.reach - run.first);
      const auto taps = static_cast<std::int64_t>(run.taps.size());
      write_taps(builder_, buffers_.taps.at({id, static_cast<int>(k)}), taps, ring.buffer, origin, frames_);
    }
  }
}

Value FrameKernel::tap_sum(int id) {
  const schedule::TapSum& sum = taps_.sums.at(id);
  Value total{};
  for (std::size_t k = 0; k < sum.runs.size(); ++k) {
    const Value x = builder_.load(buffers_.taps.at({id, static_cast<int>(k)}).sums, index_, true);
    total = total.builder ? total + x : x;
  }
  for (const auto& [node, negative] : sum.rest) total = negative ? total - of(node) : total + of(node);
  return total;
}

/// Where the reach of a short ring begins: all its delays count from there.
Value FrameKernel::reach_of(const Ring& ring) {
  const auto [begin, fresh] = reach_.try_emplace(ring.buffer);
  if (fresh) begin->second = (first_ - whole(builder_, ring.reach)) & whole(builder_, ring.capacity - 1);
  return begin->second;
}

/// Where in its ring the delayed frames of this sub-block begin.
Value FrameKernel::delayed_from(int id) {
  const Node& node = g_[id];
  const bool line = node.op->kind == Kind::line_read;
  const Ring& ring = buffers_.ring.at(line ? g_[node.inputs[0]].feedback : node.inputs[0]);
  const std::int64_t most = line ? g_[node.inputs[0]].attributes.size : node.attributes.size;
  const auto slot = buffers_.delay_slot.find(id);
  const Value back = slot != buffers_.delay_slot.end() ? builder_.load(buffers_.delays, whole(builder_, slot->second), false)
                                                       : whole_frames(uniform(node.inputs[1]), line ? 1 : 0, most);
  const Value mask = whole(builder_, ring.capacity - 1);
  if (ring.reach == 0) return (first_ - back) & mask;
  const Value begin = reach_of(ring);
  if (g_[node.inputs[1]].op->kind != Kind::constant) return begin + (whole(builder_, ring.reach) - back);
  const double time = g_[node.inputs[1]].attributes.value;
  const double frames = time >= (line ? 1 : 0) ? std::min(std::floor(time), static_cast<double>(most)) : line ? 1 : 0;
  return begin + whole(builder_, ring.reach - static_cast<std::int64_t>(frames));
}

/// Loads a control value once, before the loop.
void FrameKernel::prepare_node(int id) {
  if (!buffers_.control_slot.contains(id) || prepared_.contains(id)) return;
  prepared_[id] = spread(convert(Scalar::f32, uniform(id)));
}

/// A constant or control value in f64.
Value FrameKernel::uniform(int id) {
  if (g_[id].op->kind == Kind::constant) return builder_.number({Scalar::f64, false}, g_[id].attributes.value);
  return builder_.load(buffers_.control, whole(builder_, buffers_.control_slot.at(id)), false);
}

/// The value of any node at this iteration's frames.
Value FrameKernel::of(int id) {
  if (const auto known = value_.find(id); known != value_.end()) return known->second;
  if (const auto known = prepared_.find(id); known != prepared_.end()) return known->second;
  const Node& node = g_[id];
  if (node.op->kind == Kind::constant) return builder_.number({Scalar::f32, wide_}, node.attributes.value);
  if (node.op->kind == Kind::input) return value_[id] = from_host(buffers_.input.at(static_cast<int>(node.attributes.size)));
  if (const auto crossing = buffers_.crossing.find(id); crossing != buffers_.crossing.end())
    return value_[id] = builder_.load(crossing->second, index_, wide_);
  return value_[id] = builder_.load(buffers_.ring.at(id).buffer, fills_from_.at(id) + index_, wide_);
}

/// This iteration's frames of a host channel.
Value FrameKernel::from_host(int buffer) {
  return backward_ && wide_ ? builder_.load_back(buffer, host_index_) : builder_.load(buffer, host_index_, wide_);
}

void FrameKernel::begin_sums() {
  for (const int id : stage_.nodes) {
    if (g_[id].op->kind != Kind::reduce) continue;
    prepare_node(g_[id].inputs[0]);
    sums_[id] = builder_.local("sum", builder_.number({Scalar::f32, wide_}, 0));
  }
}

/// Lanes behind the last frame hold anything.
void FrameKernel::add_to_sum(int id) {
  Value x = spread(of(g_[id].inputs[0]));
  if (wide_) {
    if (!inside_.builder) inside_ = builder_.broadcast(index_) + builder_.lane() < builder_.broadcast(frames_);
    x = select(inside_, x, 0.0);
  }
  sums_.at(id).set(sums_.at(id).get() + x);
}

/// A sub-block's sum, in float, goes into that of the segment, in double; each lane has its own.
void FrameKernel::end_sums() {
  for (const auto& [id, sum] : sums_) {
    const int buffer = buffers_.sum.at(id);
    const Value zero = whole(builder_, 0);
    builder_.store(buffer, zero, builder_.load(buffer, zero, wide_) + convert(Scalar::f64, sum.get()));
  }
}

/// Sums of overlapping frames for the frames behind this sub-block come to the front, and zeros behind them.
void FrameKernel::move_overlaps() {
  const Value zero = whole(builder_, 0), margin = whole(builder_, sums_margin);
  for (const int id : stage_.nodes) {
    if (g_[id].op->kind != Kind::overlap_add) continue;
    const int sums = buffers_.added.at(id);
    const Value size = whole(builder_, g_[id].attributes.size);
    builder_.loop(zero, size, true,
                  [&](Value i) { builder_.store(sums, margin + i, builder_.load(sums, margin + frames_ + i, true)); });
    builder_.loop(zero, frames_, true, [&](Value i) {
      builder_.store(sums, margin + size + i, builder_.number({Scalar::f32, true}, 0));
    });
  }
}

Value FrameKernel::compute(int id) {
  const Node& node = g_[id];
  switch (node.op->kind) {
    case Kind::pointwise: return lower_frame_node(g_, id, builder_, [this](int x) { return of(x); });
    case Kind::delay:
    case Kind::line_read: return delayed(id);
    case Kind::gather: return gathered(id);
    case Kind::frame_index: return frame_number();
    case Kind::noise: return noise_at(id);
    case Kind::overlap_add: return builder_.load(buffers_.added.at(id), index_ + sums_margin, wide_);
    case Kind::constant:
    case Kind::param:
    case Kind::input:
    case Kind::sample_rate:
    case Kind::reduce:
    case Kind::tensor:
    case Kind::window:
    case Kind::hold:
    case Kind::expand:
    case Kind::contract:
    case Kind::reshape:
    case Kind::outer:
    case Kind::linear:
    case Kind::view:
    case Kind::view_sum:
    case Kind::matmul:
    case Kind::cumulate:
    case Kind::extremum:
    case Kind::take:
    case Kind::scatter_add:
    case Kind::fft:
    case Kind::table:
    case Kind::scatter:
    case Kind::cell:
    case Kind::line:
    case Kind::handle:
    case Kind::sequence:
    case Kind::recur:
    case Kind::result:
    case Kind::state:
    case Kind::argument:
    case Kind::composite: break;
  }
  throw InternalError("internal error, this must hold: a frame stage does not compute " + std::string(node.op->name));
}

Value FrameKernel::delayed(int id) {
  const Node& node = g_[id];
  if (const auto carried = carried_.find(id); carried != carried_.end()) return carried->second.frame(spread(of(node.inputs[0])));
  const bool line = node.op->kind == Kind::line_read;
  const Ring& ring = buffers_.ring.at(line ? g_[node.inputs[0]].feedback : node.inputs[0]);
  if (const auto fixed = delayed_from_.find(id); fixed != delayed_from_.end())
    return builder_.load(ring.buffer, fixed->second + index_, wide_);
  const Value mask = whole(builder_, ring.capacity - 1);
  const std::int64_t most = line ? g_[node.inputs[0]].attributes.size : node.attributes.size;
  const Value back = whole_frames(spread(of(node.inputs[1])), line ? 1 : 0, most);
  if (!wide_) return builder_.load(ring.buffer, (frame_ - back) & mask, false);
  return builder_.gather(ring.buffer, (builder_.broadcast(frame_) + builder_.lane() - back) & mask);
}

Value FrameKernel::gathered(int id) {
  const Node& node = g_[id];
  const std::int64_t size = table_size(g_[node.inputs[0]].attributes);
  const TableIndex found = table_index(of(node.inputs[1]), size, node.attributes.bound);
  const int buffer = buffers_.table.at(node.inputs[0]);
  const Value element =
      found.index.type().wide ? builder_.gather(buffer, found.index) : builder_.load(buffer, found.index, false);
  return found.inside.builder ? select(found.inside, element, 0.0) : element;
}

/// Counted exactly, then rounded to float: whole up to 2^24.
Value FrameKernel::frame_number() {
  const Value first = convert(Scalar::f64, position_ + convert(Scalar::i64, host_index_));
  if (!wide_) return convert(Scalar::f32, first);
  const Value lane = convert(Scalar::f64, builder_.lane());
  return convert(Scalar::f32, backward_ ? builder_.broadcast(first) - lane : builder_.broadcast(first) + lane);
}

/// The steps of base/noise.h.
Value FrameKernel::noise_at(int id) {
  const auto u32 = [&](std::uint32_t v) { return builder_.integer({Scalar::u32, wide_}, v); };
  const auto [first, second] = noise_keys_.at(id);
  Value frame = spread(convert(Scalar::u32, position32_ + host_index_));
  if (wide_) {
    const Value lane = convert(Scalar::u32, builder_.lane());
    frame = backward_ ? frame - lane : frame + lane;
  }
  Value x = frame + spread(first);
  x = (x ^ (x >> 17)) * u32(0xed5ad4bbu);
  x = (x ^ (x >> 11)) * u32(0xac4c1b51u);
  x = (x ^ (x >> 15)) * u32(0x31848babu);
  x = (x ^ (x >> 14)) + spread(second);
  x = (x ^ (x >> 16)) * u32(0x7feb352du);
  x = (x ^ (x >> 15)) * u32(0x846ca68bu);
  x = x ^ (x >> 16);
  return convert(Scalar::f32, bitcast(Scalar::i32, x) >> 8) * 0x1p-23;
}

/// Into its ring at once, where nothing reads these frames in this stage: values that wait for the end take registers.
void FrameKernel::store_past(int id) { builder_.store(buffers_.ring.at(id).buffer, fills_from_.at(id) + index_, spread(of(id))); }

/// The end of an iteration: stores to what something may have been loaded from.
void FrameKernel::store_all(Value i) {
  std::map<int, Value> kept;
  const auto spread_of = [&](int id) { return spread(of(id)); };
  for (const int id : stage_.stores) kept[id] = spread_of(id);
  for (const int id : stage_.windows) kept[id] = spread_of(id);
  for (const int c : stage_.outputs) kept[g_.outputs()[at(c)].node] = spread_of(g_.outputs()[at(c)].node);
  for (const int id : stage_.stores) {
    if (buffers_.crossing.contains(id)) builder_.store(buffers_.crossing.at(id), i, kept.at(id));
  }
  for (const int id : stage_.windows) store_to_history(builder_, buffers_.history.at(id), frame_, kept.at(id));
  for (const int c : stage_.outputs) {
    const Value y = kept.at(g_.outputs()[at(c)].node);
    if (backward_ && wide_)
      builder_.store_back(buffers_.output.at(c), host_index_, y);
    else
      builder_.store(buffers_.output.at(c), host_index_, y);
  }
  value_.clear();
}

}  // namespace dgen::lower

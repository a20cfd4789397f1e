#include "lower/frame_kernel.h"

#include "base/index.h"
#include "dgen/error.h"
#include "graph/table_size.h"
#include "lower/access.h"
#include "lower/pointwise.h"
#include "lower/rows.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

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
    if (buffers_.ahead.contains(x) && !part_from_.builder && !stage_.ahead)
      part_from_ = builder_.load(buffers_.part_from, whole(builder_, 0), false);
    const bool from_ring = g_[x].op->kind != Kind::input && !buffers_.crossing.contains(x);
    if (from_ring) fills_from_[x] = first_ & whole(builder_, buffers_.ring.at(x).capacity - 1);
  }
  for (const int x : stage_.windows) prepare_node(x);
  for (const int c : stage_.outputs) prepare_node(g_.outputs()[at(c)].node);
  prepare_noise();
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
    return value_[id] = builder_.load(crossing->second, crossing_index(id), wide_);
  return value_[id] = builder_.load(buffers_.ring.at(id).buffer, fills_from_.at(id) + index_, wide_);
}

/// Where this iteration's frames of a value of another stage lie.
Value FrameKernel::crossing_index(int id) const {
  return buffers_.ahead.contains(id) && part_from_.builder ? index_ + part_from_ : index_;
}

/// This iteration's frames of a host channel.
Value FrameKernel::from_host(int buffer) {
  return backward_ && wide_ ? builder_.load_back(buffer, host_index_) : builder_.load(buffer, host_index_, wide_);
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

// Recurrences of a per-frame stage: phases, oscillators, scans, cascades, loops frame by frame.

#include "base/index.h"
#include "lower/access.h"
#include "lower/frame_kernel.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

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

}  // namespace dgen::lower

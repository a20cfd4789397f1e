#pragma once
// Writes a phase accumulator in 64-bit fixed point, for all frames at once or frame by frame.

#include <functional>
#include <vector>

#include "ir/builder.h"
#include "schedule/phase.h"

namespace dgen::lower {

/// A step of `increment` (f64) of a phase, as a fraction of its range in fixed point (u64).
ir::Value fixed_step(const schedule::PhaseAccumulator& phase, ir::Value increment);

/// The same of an increment that is known.
std::uint64_t constant_step(const schedule::PhaseAccumulator& phase, double increment);

/// The fixed point of the first state.
std::uint64_t first_phase(const schedule::PhaseAccumulator& phase);

/// The state, as f32 in [min, max), at a phase (u64) less `first_phase`.
ir::Value phase_state(const schedule::PhaseAccumulator& phase, ir::Value fixed);

/// The fixed point of the first state and of half of the last bit that `phase_of_high_bits` takes: a phase that is a rounding
/// below a whole period is 0, not almost 1.
std::uint64_t rounded_first_phase(const schedule::PhaseAccumulator& phase);

/// The same of the upper 32 bits (u32) of the phase plus `rounded_first_phase`.
ir::Value phase_of_high_bits(const schedule::PhaseAccumulator& phase, ir::Value high);

/// Writes a vector of phases, tick after tick, in halves of 32 bits: a vector of those is one register.
class RowPhaseWriter {
 public:
  /// Before the ticks of a block. kept: the phases in memory; step: `fixed_step` of each; wide u64.
  RowPhaseWriter(const schedule::PhaseAccumulator& phase, ir::Value kept, ir::Value step, ir::Builder& builder);

  struct States {
    ir::Value before, after;  ///< the tick's step
  };
  States tick();
  /// After the ticks of the block: what memory keeps.
  ir::Value kept() const;

 private:
  ir::Value bias() const;

  const schedule::PhaseAccumulator phase_;
  ir::Builder& builder_;
  ir::Local low_{}, high_{};
  ir::Value step_low_{}, step_high_{}, step_carried_{};
};

/// The phase is (state - min) / (max - min) as a fraction of 2^64. Memory holds it less the phase of the first state, so
/// that cleared memory is the first state. Steps are multiples of 2^-63.
class PhaseWriter {
 public:
  /// steady: all frames at once; uniform_step: the increment does not change within a call.
  PhaseWriter(const schedule::PhaseAccumulator& phase, bool steady, bool uniform_step, int buffer, ir::Builder& builder);

  /// Before the loop. step: of a uniform step, `fixed_step` of it.
  void begin(ir::Value step);
  /// One frame, or a vector of them from `index` in the sub-block. of(node): a per-frame value as f32.
  /// Returns the values of the results.
  std::vector<ir::Value> frame(ir::Value index, const std::function<ir::Value(int node)>& of);
  /// The phase of the sub-block's first frame, as a fraction of 2^64 of the range.
  ir::Value first() const { return start_ + u64(first_); }
  /// After the loop.
  void end(ir::Value frames);

 private:
  ir::Value u64(std::uint64_t value) const;

  const schedule::PhaseAccumulator phase_;
  const bool steady_;
  const bool uniform_step_;
  const int buffer_;
  ir::Builder& builder_;
  std::uint64_t first_;                   ///< phase of the first state
  ir::Value start_{}, step_{}, lanes_{};  ///< phase at the start, step, and steps of the lanes
  ir::Local now_{};                       ///< else: the phase
};

}  // namespace dgen::lower

#include "lower/phase_writer.h"

#include <cmath>

#include "lower/access.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

constexpr double resolution = 0x1p63;  ///< steps of the fixed point within the range

}  // namespace

std::uint64_t first_phase(const schedule::PhaseAccumulator& phase) {
  return static_cast<std::uint64_t>((phase.initial - phase.min) / (phase.max - phase.min) * resolution) << 1;
}

PhaseWriter::PhaseWriter(const schedule::PhaseAccumulator& phase, bool steady, bool uniform_step, int buffer,
                         ir::Builder& builder)
    : phase_(phase), steady_(steady), uniform_step_(uniform_step), buffer_(buffer), builder_(builder),
      first_(first_phase(phase)) {}

Value PhaseWriter::u64(std::uint64_t value) const {
  return builder_.integer({Scalar::u64, false}, static_cast<std::int64_t>(value));
}

Value fixed_step(const schedule::PhaseAccumulator& phase, Value increment) {
  const Value periods = increment * (1 / (phase.max - phase.min));
  Value part = periods - floor(periods);
  part = select((part >= 0.0) & (part < 1.0), part, 0.0);  // an increment that is not finite stands still
  return bitcast(Scalar::u64, convert(Scalar::i64, part * resolution)) << 1;
}

std::uint64_t constant_step(const schedule::PhaseAccumulator& phase, double increment) {
  const double periods = increment * (1 / (phase.max - phase.min)), part = periods - std::floor(periods);
  return part >= 0 && part < 1 ? static_cast<std::uint64_t>(part * resolution) << 1 : 0;
}

std::uint64_t rounded_first_phase(const schedule::PhaseAccumulator& phase) {
  return first_phase(phase) + (std::uint64_t{1} << 32);
}

Value phase_of_high_bits(const schedule::PhaseAccumulator& phase, Value high) {
  Value state = convert(Scalar::f32, bitcast(Scalar::i32, high >> 1)) * 0x1p-31;
  state = min(state, like(state, 0x1.fffffep-1));  // the largest phases round to 1
  if (phase.max - phase.min != 1) state = state * (phase.max - phase.min);
  return phase.min == 0 ? state : state + phase.min;
}

Value phase_state(const schedule::PhaseAccumulator& phase, Value fixed) {
  const auto first = static_cast<std::int64_t>(rounded_first_phase(phase));
  const Value rounded = fixed + fixed.builder->integer({Scalar::u64, false}, first);
  return phase_of_high_bits(phase, convert(Scalar::u32, rounded >> 32));
}

RowPhaseWriter::RowPhaseWriter(const schedule::PhaseAccumulator& phase, Value kept, Value step, ir::Builder& builder)
    : phase_(phase), builder_(builder) {
  const Value now = kept + bias();
  low_ = builder_.local("phase_low", convert(Scalar::u32, now));
  high_ = builder_.local("phase_high", convert(Scalar::u32, now >> 32));
  step_low_ = convert(Scalar::u32, step);
  step_high_ = convert(Scalar::u32, step >> 32);
  step_carried_ = step_high_ + builder_.integer({Scalar::u32, true}, 1);
}

Value RowPhaseWriter::bias() const {
  return builder_.integer({Scalar::u64, false}, static_cast<std::int64_t>(rounded_first_phase(phase_)));
}

RowPhaseWriter::States RowPhaseWriter::tick() {
  const Value before = high_.get(), low = low_.get() + step_low_;
  const Value after = before + select(low < step_low_, step_carried_, step_high_);
  low_.set(low);
  high_.set(after);
  return {phase_of_high_bits(phase_, before), phase_of_high_bits(phase_, after)};
}

Value RowPhaseWriter::kept() const {
  const Value high = convert(Scalar::u64, high_.get()) << 32;
  return (high | convert(Scalar::u64, low_.get())) - bias();
}

void PhaseWriter::begin(Value step) {
  const Value kept = builder_.load(buffer_, whole(builder_, 0), false);
  step_ = step;
  if (!steady_) {
    now_ = builder_.local("phase", kept);
    return;
  }
  start_ = kept;
  lanes_ = bitcast(Scalar::u64, convert(Scalar::i64, builder_.lane())) * step_;
}

std::vector<Value> PhaseWriter::frame(Value index, const std::function<Value(int)>& of) {
  Value before, after;
  if (steady_) {
    const Value scalar = start_ + bitcast(Scalar::u64, convert(Scalar::i64, index)) * step_;
    before = builder_.broadcast(scalar) + lanes_;
    after = before + step_;
  } else {
    before = now_.get();
    after = before + (uniform_step_ ? step_ : fixed_step(phase_, convert(Scalar::f64, of(phase_.increment))));
    if (phase_.restart >= 0) after = select(of(phase_.restart) != 0.0, u64(-first_), after);
    now_.set(after);
  }
  std::vector<Value> results;
  for (const bool next : phase_.next) results.push_back(phase_state(phase_, next ? after : before));
  return results;
}

void PhaseWriter::end(Value frames) {
  const Value last = steady_ ? start_ + bitcast(Scalar::u64, convert(Scalar::i64, frames)) * step_ : now_.get();
  builder_.store(buffer_, whole(builder_, 0), last);
}

}  // namespace dgen::lower

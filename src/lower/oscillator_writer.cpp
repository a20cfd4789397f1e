#include "lower/oscillator_writer.h"

#include <cmath>

#include "lower/access.h"
#include "ops/expand_trigonometric.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

constexpr std::uint64_t quarter = std::uint64_t{1} << 62;

Value fixed(ir::Builder& b, std::uint64_t value) { return b.integer({Scalar::u64, false}, static_cast<std::int64_t>(value)); }

Value times(Value count, Value step) { return bitcast(Scalar::u64, convert(Scalar::i64, count)) * step; }

Value define_sine_of_phase(std::span<const Value> x) { return ops::expand::sine_of_phase(x[0]); }

/// The sine of a phase (wide u64), a fraction of 2^64 of a turn.
Value sine_of(ir::Builder& b, Value phase) {
  const Value turns[] = {convert(Scalar::u32, phase >> 32)};
  return b.call("sine_of_phase", turns, define_sine_of_phase);
}

Value cosine_of(ir::Builder& b, Value phase) { return sine_of(b, phase + fixed(b, quarter)); }

}  // namespace

void write_turns(ir::Builder& b, const TurnBuffers& buffers, Value step) {
  const Value turns = times(b.lane(), step);
  b.store(buffers.sines, whole(b, 0), sine_of(b, turns));
  b.store(buffers.cosines, whole(b, 0), cosine_of(b, turns));
}

std::int64_t OscillatorBuffers::padded(std::size_t count) {
  return (static_cast<std::int64_t>(count) + ir::padding - 1) / ir::padding * ir::padding;
}

std::int64_t OscillatorBuffers::stride() const { return 2 * padded(nodes.size()); }

void OscillatorWriter::begin(std::size_t number, const schedule::Oscillator& oscillator, const TurnBuffers& turns, Value phase,
                             Value step, Value within) {
  const auto offset = static_cast<std::uint64_t>(std::ldexp(oscillator.offset, 63)) << 1;
  Value first = phase + fixed(b_, offset) - times(within, step);
  if (oscillator.next) first = first + step;
  b_.store(buffers_.phases, whole(b_, static_cast<std::int64_t>(number)), first);
  b_.store(buffers_.strides, whole(b_, static_cast<std::int64_t>(number)), times(b_.lanes(), step));
  turns_.push_back(turns);
  within_ = within;
}

void OscillatorWriter::write_angles(Value vectors) {
  const auto count = static_cast<std::int64_t>(buffers_.nodes.size());
  const Value cosines = whole(b_, buffers_.stride() / 2);
  b_.loop(whole(b_, 0), whole(b_, count), true, [&](Value k) {
    const Value stride = b_.load(buffers_.strides, k, true);
    const ir::Local phase = b_.local("angle", b_.load(buffers_.phases, k, true));
    b_.loop(whole(b_, 0), vectors, false, [&](Value vector) {
      const Value at = vector * whole(b_, buffers_.stride()) + k;
      b_.store(buffers_.angles, at, sine_of(b_, phase.get()));
      b_.store(buffers_.angles, at + cosines, cosine_of(b_, phase.get()));
      phase.set(phase.get() + stride);
    });
  });
}

Value OscillatorWriter::frame(std::size_t number, Value vector) const {
  const Value at = vector * whole(b_, buffers_.stride()) + whole(b_, static_cast<std::int64_t>(number));
  const Value sine = b_.broadcast(b_.load(buffers_.angles, at, false));
  const Value cosine = b_.broadcast(b_.load(buffers_.angles, at + whole(b_, buffers_.stride() / 2), false));
  return sine * b_.load(turns_[number].cosines, within_, true) + cosine * b_.load(turns_[number].sines, within_, true);
}

}  // namespace dgen::lower

#include "lower/oscillator_writer.h"

#include <cmath>

#include "lower/access.h"
#include "lower/rows.h"
#include "ops/expand_trigonometric.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

constexpr std::uint64_t quarter = std::uint64_t{1} << 62;
constexpr std::int64_t turns_stride = 2 * ir::padding;  ///< of an oscillator in `turns`
constexpr auto group = OscillatorBuffers::group;

Value fixed(ir::Builder& b, std::uint64_t value) { return b.integer({Scalar::u64, false}, static_cast<std::int64_t>(value)); }

Value times(Value count, Value step) { return bitcast(Scalar::u64, convert(Scalar::i64, count)) * step; }

Value define_sine_of_phase(std::span<const Value> x) { return ops::expand::sine_of_phase(x[0]); }

/// The sine of a phase (wide u64), a fraction of 2^64 of a turn.
Value sine_of(ir::Builder& b, Value phase) {
  const Value turns[] = {convert(Scalar::u32, phase >> 32)};
  return b.call("sine_of_phase", turns, define_sine_of_phase);
}

Value cosine_of(ir::Builder& b, Value phase) { return sine_of(b, phase + fixed(b, quarter)); }

/// a / b of whole numbers that are not negative, rounded down.
Value quotient(Value a, Value b) { return convert(Scalar::i32, convert(Scalar::f64, a) / convert(Scalar::f64, b)); }

/// Where in `vector_turns` those of j vectors begin.
std::int64_t vector_turns_row(const OscillatorBuffers& buffers, std::int64_t j) { return (j - 1) * 2 * buffers.padded(); }

}  // namespace

std::int64_t OscillatorBuffers::padded() const { return lower::padded(static_cast<std::int64_t>(count())); }

std::int64_t OscillatorBuffers::sums_stride(int sub_block) { return sub_block + 2 * group * ir::padding; }

void write_turns(ir::Builder& b, const OscillatorBuffers& buffers) {
  const Value zero = whole(b, 0);
  b.loop(zero, whole(b, static_cast<std::int64_t>(buffers.count())), false, [&](Value number) {
    const Value turns = times(b.lane(), b.load(buffers.steps, number, false)), row = number * whole(b, turns_stride);
    b.store(buffers.turns, row, cosine_of(b, turns));
    b.store(buffers.turns, row + whole(b, ir::padding), sine_of(b, turns));
  });
  b.loop(zero, whole(b, static_cast<std::int64_t>(buffers.count())), true, [&](Value numbers) {
    const Value steps = b.load(buffers.steps, numbers, true);
    for (std::int64_t j = 1; j < group; ++j) {
      const Value turns = times(b.lanes() * whole(b, j), steps), row = numbers + whole(b, vector_turns_row(buffers, j));
      b.store(buffers.vector_turns, row, cosine_of(b, turns));
      b.store(buffers.vector_turns, row + whole(b, buffers.padded()), sine_of(b, turns));
    }
  });
}

OscillatorWriter::OscillatorWriter(const OscillatorBuffers& buffers, int sub_block, Value frames, Value position,
                                   ir::Builder& builder)
    : buffers_(buffers), sums_stride_(OscillatorBuffers::sums_stride(sub_block)), builder_(builder) {
  const Value lanes = builder_.lanes(), one = whole(builder_, 1), all = lanes * whole(builder_, group);
  in_group_ = position & (all - one);
  within_ = position & (lanes - one);
  first_vector_ = quotient(in_group_, lanes);
  groups_ = quotient(in_group_ + frames + all - one, all);
}

void OscillatorWriter::begin(std::size_t number, const schedule::Oscillator& oscillator, Value phase) {
  const auto offset = static_cast<std::uint64_t>(std::ldexp(oscillator.offset, 63)) << 1;
  const Value place = whole(builder_, static_cast<std::int64_t>(number));
  Value first = offset == 0 ? phase : phase + fixed(builder_, offset);
  if (oscillator.next) first = first + builder_.load(buffers_.steps, place, false);
  builder_.store(buffers_.phases, place, first);
}

void OscillatorWriter::write_angles() {
  ir::Builder& b = builder_;
  const Value zero = whole(b, 0), cosines = whole(b, buffers_.padded());
  b.loop(zero, whole(b, static_cast<std::int64_t>(buffers_.count())), true, [&](Value k) {
    const Value step = b.load(buffers_.steps, k, true), gain = b.load(buffers_.gains, k, true);
    const ir::Local phase = b.local("angle", b.load(buffers_.phases, k, true) - times(in_group_, step));
    const Value stride = times(b.lanes() * whole(b, group), step);
    std::vector<Turn> turns;
    for (std::int64_t j = 1; j < group; ++j) {
      const Value row = k + whole(b, vector_turns_row(buffers_, j));
      turns.push_back({b.load(buffers_.vector_turns, row + cosines, true), b.load(buffers_.vector_turns, row, true)});
    }
    b.loop(zero, groups_, false, [&](Value number) {
      Value at = number * whole(b, group * buffers_.angles_stride()) + k;
      const Value sine = sine_of(b, phase.get()) * gain, cosine = cosine_of(b, phase.get()) * gain;
      b.store(buffers_.angles, at, sine);
      b.store(buffers_.angles, at + cosines, cosine);
      for (const Turn& turn : turns) {
        at = at + whole(b, buffers_.angles_stride());
        b.store(buffers_.angles, at, sine * turn.cosine + cosine * turn.sine);
        b.store(buffers_.angles, at + cosines, cosine * turn.cosine - sine * turn.sine);
      }
      phase.set(phase.get() + stride);
    });
  });
}

OscillatorWriter::Turn OscillatorWriter::turn(Value number) const {
  const Value row = number * whole(builder_, turns_stride) + within_;
  return {builder_.load(buffers_.turns, row + whole(builder_, ir::padding), true), builder_.load(buffers_.turns, row, true)};
}

OscillatorWriter::Turn OscillatorWriter::angle(Value number, Value vector) const {
  const Value at = vector * whole(builder_, buffers_.angles_stride()) + number;
  const Value cosine = builder_.load(buffers_.angles, at + whole(builder_, buffers_.padded()), false);
  return {builder_.broadcast(builder_.load(buffers_.angles, at, false)), builder_.broadcast(cosine)};
}

void OscillatorWriter::write_sums() {
  ir::Builder& b = builder_;
  for (std::size_t bank = 0; bank < buffers_.stage.banks.size(); ++bank) {
    const auto first = static_cast<std::int64_t>(buffers_.stage.banks[bank].first);
    const auto count = static_cast<std::int64_t>(buffers_.stage.banks[bank].count);
    b.loop(whole(b, 0), groups_, false, [&](Value number) {
      const Value vector = number * whole(b, group);
      std::vector<ir::Local> sums;
      for (std::int64_t j = 0; j < group; ++j) sums.push_back(b.local("sum", b.number({Scalar::f32, true}, 0)));
      b.loop(whole(b, first), whole(b, first + count), false, [&](Value oscillator) {
        const Turn frames = turn(oscillator);
        for (std::int64_t j = 0; j < group; ++j) {
          const Turn start = angle(oscillator, vector + whole(b, j));
          const ir::Local& sum = sums[static_cast<std::size_t>(j)];
          sum.set(sum.get() + start.sine * frames.cosine);
          sum.set(sum.get() + start.cosine * frames.sine);
        }
      });
      for (std::int64_t j = 0; j < group; ++j) {
        const Value at = (vector + whole(b, j)) * b.lanes() + whole(b, static_cast<std::int64_t>(bank) * sums_stride_);
        b.store(buffers_.sums, at, sums[static_cast<std::size_t>(j)].get());
      }
    });
  }
}

void OscillatorWriter::next_vector() { vector_.set(vector_.get() + whole(builder_, 1)); }

Value OscillatorWriter::frame(std::size_t number) const {
  const Value place = whole(builder_, static_cast<std::int64_t>(number));
  const Turn start = angle(place, vector_.get()), frames = turn(place);
  return start.sine * frames.cosine + start.cosine * frames.sine;
}

Value OscillatorWriter::sum(std::size_t bank) const {
  const Value first = whole(builder_, static_cast<std::int64_t>(bank) * sums_stride_);
  return builder_.load(buffers_.sums, vector_.get() * builder_.lanes() + first, true);
}

}  // namespace dgen::lower

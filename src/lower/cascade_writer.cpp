#include "lower/cascade_writer.h"

#include <limits>
#include <string>
#include <utility>

#include "lower/access.h"
#include "lower/cascade_body.h"
#include "lower/cascade_scans.h"
#include "lower/scan_powers.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

CascadeWriter::CascadeWriter(const Recurrence& recurrence, Cascade system, const CascadeBuffers& buffers, ir::Builder& builder)
    : recurrence_(recurrence), system_(std::move(system)), buffers_(buffers), b_(builder),
      backward_(builder.module().run == ir::Run::backward), stream_(builder.module().run == ir::Run::stream) {}

void CascadeWriter::begin(Value position, Value frames) {
  position_ = position;
  frames_ = frames;
  zero_ = whole(b_, 0);
  none_ = b_.load(buffers_.none, zero_, false);
  if (!backward_) leave_longer_vector();                                       // adjoints always start at a reset
  done_ = b_.load(buffers_.done, zero_, false) & (b_.lanes() - whole(b_, 1));  // whatever was restored
  const Value nothing = b_.number({Scalar::f32, true}, 0);
  input_ = {b_.local("given", nothing)};
  for (std::size_t q = 0; q < system_.outputs; ++q) output_.push_back(b_.local("y" + std::to_string(q), nothing));
}

/// As that of a scan.
void CascadeWriter::leave_longer_vector() {
  const Value within = convert(Scalar::i32, position_) & (b_.lanes() - whole(b_, 1));
  b_.branch(b_.load(buffers_.done, zero_, false) > within, [&] { begin_vector_at_states(b_, system_, buffers_, states()); });
}

Value CascadeWriter::rested(Value index) const {
  const Value first = position_ + convert(Scalar::i64, index - done_);
  return first >= b_.load(buffers_.ready, zero_, false);
}

std::vector<Value> CascadeWriter::frame(Value index, Value rest, Value input) {
  const ir::Local& given = input_[0];
  given.set(input);
  b_.branch(rest, [&] {
    b_.store(buffers_.pending, done_, input);  // behind those of this vector that calls before gave
    given.set(b_.load(buffers_.pending, zero_, true));
  });
  to_ = select(rest, whole(b_, next_base), zero_);
  if (stream_) {
    b_.branch(
        rested(index), [&] { write_with_blocks(); },
        [&] {
          const Values outputs = write_cascade_scans(recurrence_, system_, buffers_, b_, given.get(), to_);
          for (std::size_t q = 0; q < outputs.size(); ++q) output_[q].set(outputs[q]);
        });
  } else {
    write_with_blocks();
  }
  b_.branch(rest, [&] { end_within_vector(index); });
  Values outputs;
  for (const ir::Local& y : output_) outputs.push_back(y.get());
  return outputs;
}

/// Input number `j` of the vector, in every lane.
Value CascadeWriter::input_in_every_lane(Value j) const { return b_.broadcast(b_.load(buffers_.given, j, false)); }

/// Adds the vector's inputs, each times its columns, to sums by turns: products that do not wait for each other.
void CascadeWriter::add_inputs(const std::vector<Sum>& sums) {
  const auto add = [&](int from, int to) {
    for (int j = from; j < to; ++j) {
      const Value x = input_in_every_lane(whole(b_, j));
      for (const Sum& sum : sums) {
        const ir::Local& part = sum.parts[static_cast<std::size_t>(j % 2)];
        part.set(part.get() + sum.column(j) * x);
      }
    }
  };
  add(0, 4);  // every target has four lanes
  for (int lanes = 4; lanes < most_lanes; lanes *= 2) b_.branch(b_.lanes() > whole(b_, lanes), [&] { add(lanes, 2 * lanes); });
}

Value CascadeWriter::response_column(std::size_t output, Value j) const {
  return (j + whole(b_, static_cast<std::int64_t>(output) * most_lanes)) * whole(b_, most_lanes);
}

CascadeWriter::Sum CascadeWriter::response_sum(std::size_t output) {
  const Value nothing = b_.number({Scalar::f32, true}, 0);
  return {{b_.local("even", nothing), b_.local("odd", nothing)},
          [this, output](int j) { return b_.load(buffers_.response, response_column(output, whole(b_, j)), true); }};
}

/// Where an input is not finite it leaves the lanes before it alone, although their coefficient of it is 0. The last frame has
/// all inputs in it.
void CascadeWriter::keep_causal(const Sum& sum, std::size_t output) {
  const Value nothing = b_.number({Scalar::f32, true}, 0);
  b_.store(buffers_.realigned, zero_, sum.parts[0].get() + sum.parts[1].get());
  const Value last = b_.load(buffers_.realigned, b_.lanes() - whole(b_, 1), false);
  const auto again = [&] {
    for (const ir::Local& part : sum.parts) part.set(nothing);
    b_.loop(zero_, b_.lanes() >> 1, false, [&](Value pair) {
      for (int parity = 0; parity < 2; ++parity) {
        const Value j = (pair << 1) + whole(b_, parity);
        const Value x = select(b_.lane() >= b_.broadcast(j), input_in_every_lane(j), nothing);
        const ir::Local& part = sum.parts[static_cast<std::size_t>(parity)];
        part.set(part.get() + b_.load(buffers_.response, response_column(output, j), true) * x);
      }
    });
  };
  b_.branch(
      abs(last) <= like(last, std::numeric_limits<float>::max()), [] {}, again);
}

/// A sum, and what the states before the vector add to it; four products at a time.
Value CascadeWriter::with_states(const Sum& sum, const Values& states, const std::function<Value(std::int64_t state)>& column) {
  const Value nothing = b_.number({Scalar::f32, true}, 0);
  Values parts{sum.parts[0].get(), sum.parts[1].get(), nothing, nothing};
  for (std::size_t k = 0; k < states.size(); ++k) parts[k % 4] = parts[k % 4] + column(static_cast<std::int64_t>(k)) * states[k];
  return (parts[0] + parts[1]) + (parts[2] + parts[3]);
}

CascadeWriter::Sum CascadeWriter::next_sum(Value row) {
  const Value nothing = b_.number({Scalar::f32, true}, 0);
  return {{b_.local("even", nothing), b_.local("odd", nothing)},
          [this, row](int j) { return b_.load(buffers_.inputs, whole(b_, j * cascade_rows) + row, true); }};
}

/// A vector of the states after this one, from `row` on.
void CascadeWriter::keep_next(const Sum& sum, const Values& states, Value row) {
  const auto column = [&](std::int64_t k) { return b_.load(buffers_.advance, whole(b_, k * cascade_rows) + row, true); };
  b_.store(buffers_.base, to_ + row, with_states(sum, states, column));
}

void CascadeWriter::write_with_blocks() {
  const auto n = static_cast<std::int64_t>(system_.states);
  // Each input goes into all lanes from memory. Where the vector lies is hidden from the C compiler, which would move lanes of
  // it instead: that takes longer.
  b_.store(buffers_.given, none_, input_[0].get());
  std::vector<Sum> sums;
  for (std::size_t q = 0; q < system_.outputs; ++q) sums.push_back(response_sum(q));
  sums.push_back(next_sum(zero_));
  add_inputs(sums);
  for (std::size_t q = 0; q < system_.outputs; ++q) keep_causal(sums[q], q);
  Values states;
  for (std::int64_t k = 0; k < n; ++k) states.push_back(b_.broadcast(b_.load(buffers_.base, whole(b_, k), false)));
  for (std::size_t q = 0; q < system_.outputs; ++q) {
    const auto column = [&](std::int64_t k) {
      return b_.load(buffers_.outputs, whole(b_, (static_cast<std::int64_t>(q) * n + k) * most_lanes), true);
    };
    output_[q].set(with_states(sums[q], states, column));
  }
  keep_next(sums.back(), states, zero_);
  b_.loop(b_.lanes(), whole(b_, n), true, [&](Value row) {
    const Sum sum = next_sum(row);
    add_inputs({sum});
    keep_next(sum, states, row);
  });
}

Value CascadeWriter::realigned(Value wide) {
  b_.store(buffers_.realigned, zero_, wide);
  return b_.load(buffers_.realigned, done_, true);
}

/// The frames of this sub-block that are no whole vector, out of the vector they are part of; and the states behind them.
void CascadeWriter::end_within_vector(Value index) {
  const Value count = frames_ - index, behind = convert(Scalar::i32, position_) + (backward_ ? zero_ : frames_);
  for (const ir::Local& y : output_) y.set(realigned(y.get()));
  b_.branch(
      done_ + count == b_.lanes(), [&] { go_on_behind_vector(); },
      [&] {
        b_.branch(done_ == zero_, [&] { keep_states_of_base(b_, system_, buffers_); });
        advance_states(count);
        b_.store(buffers_.done, zero_, done_ + count);
        // One that began within the grid ends with it, short.
        b_.branch((behind & (b_.lanes() - whole(b_, 1))) == zero_,
                  [&] { begin_vector_at_states(b_, system_, buffers_, states()); });
      });
}

void CascadeWriter::go_on_behind_vector() {
  b_.loop(zero_, whole(b_, cascade_rows), true,
          [&](Value k) { b_.store(buffers_.base, k, b_.load(buffers_.base, whole(b_, next_base) + k, true)); });
  b_.store(buffers_.done, zero_, zero_);
  keep_states_of_base(b_, system_, buffers_);
}

CascadeWriter::Values CascadeWriter::states() const {
  Values made;
  for (const int state : buffers_.state) made.push_back(b_.load(state, zero_, false));
  return made;
}

/// Blocks know the states behind whole vectors only: those within one are for what is saved or changes there.
void CascadeWriter::advance_states(Value count) {
  b_.loop(zero_, count, false, [&](Value frame) {
    Values now = states();
    const Value input = convert(Scalar::f64, b_.load(buffers_.pending, done_ + frame, false));
    step_cascade(recurrence_, buffers_, b_, input, now);
    for (std::size_t k = 0; k < now.size(); ++k) b_.store(buffers_.state[k], zero_, now[k]);
  });
}

void CascadeWriter::end_whole_vectors() { keep_states_of_base(b_, system_, buffers_); }

}  // namespace dgen::lower

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

/// sum + column * x. What is selected is a factor, so that both kinds of products round once, with the addition.
Value CascadeWriter::added(Value sum, Value column, Value x, Products products) {
  if (products == Products::where_heard) x = select(column == 0.0, 0.0, x);
  return sum + column * x;
}

/// Adds the vector's inputs, each times its columns, to sums by turns: products that do not wait for each other.
void CascadeWriter::add_inputs(const std::vector<Sum>& sums) {
  const auto add = [&](int from, int to) {
    for (int j = from; j < to; ++j) {
      const Value x = input_in_every_lane(whole(b_, j));
      for (const Sum& sum : sums) {
        const ir::Local& part = sum.parts[static_cast<std::size_t>(j % 2)];
        part.set(added(part.get(), sum.column(whole(b_, j)), x, Products::all));
      }
    }
  };
  add(0, 4);  // every target has four lanes
  for (int lanes = 4; lanes < most_lanes; lanes *= 2) b_.branch(b_.lanes() > whole(b_, lanes), [&] { add(lanes, 2 * lanes); });
}

/// The same, of the inputs that are heard: to the same bits where all are finite.
void CascadeWriter::add_heard_inputs(const Sum& sum) {
  b_.loop(zero_, b_.lanes() >> 1, false, [&](Value pair) {
    for (int parity = 0; parity < 2; ++parity) {
      const Value j = (pair << 1) + whole(b_, parity);
      const ir::Local& part = sum.parts[static_cast<std::size_t>(parity)];
      part.set(added(part.get(), sum.column(j), input_in_every_lane(j), Products::where_heard));
    }
  });
}

CascadeWriter::Sum CascadeWriter::output_sum(std::size_t output) {
  const Value nothing = b_.number({Scalar::f32, true}, 0);
  const auto q = static_cast<std::int64_t>(output), n = static_cast<std::int64_t>(system_.states);
  return {.parts = {b_.local("even", nothing), b_.local("odd", nothing)},
          .column =
              [this, q](Value j) {
                return b_.load(buffers_.response, (j + whole(b_, q * most_lanes)) * whole(b_, most_lanes), true);
              },
          .state_column = [this, q,
                           n](std::int64_t k) { return b_.load(buffers_.outputs, whole(b_, (q * n + k) * most_lanes), true); }};
}

/// Of a vector of the states after this one, from `row` on.
CascadeWriter::Sum CascadeWriter::next_sum(Value row) {
  const Value nothing = b_.number({Scalar::f32, true}, 0);
  return {
      .parts = {b_.local("even", nothing), b_.local("odd", nothing)},
      .column = [this, row](Value j) { return b_.load(buffers_.inputs, j * whole(b_, cascade_rows) + row, true); },
      .state_column = [this, row](std::int64_t k) { return b_.load(buffers_.advance, whole(b_, k * cascade_rows) + row, true); }};
}

/// A sum, and what the states before the vector add to it; four products at a time.
Value CascadeWriter::with_states(const Sum& sum, const Values& states, Products products) {
  const Value nothing = b_.number({Scalar::f32, true}, 0);
  Values parts{sum.parts[0].get(), sum.parts[1].get(), nothing, nothing};
  for (std::size_t k = 0; k < states.size(); ++k)
    parts[k % 4] = added(parts[k % 4], sum.state_column(static_cast<std::int64_t>(k)), states[k], products);
  return (parts[0] + parts[1]) + (parts[2] + parts[3]);
}

/// The last frame has all inputs and states in it, also those times 0.
Value CascadeWriter::all_finite(Value output) {
  b_.store(buffers_.realigned, zero_, output);
  const Value last = b_.load(buffers_.realigned, b_.lanes() - whole(b_, 1), false);
  return abs(last) <= like(last, std::numeric_limits<float>::max());
}

void CascadeWriter::write_with_blocks() {
  // Each input goes into all lanes from memory. Where the vector lies is hidden from the C compiler, which would move lanes of
  // it instead: that takes longer.
  b_.store(buffers_.given, none_, input_[0].get());
  std::vector<Sum> sums;
  for (std::size_t q = 0; q < system_.outputs; ++q) sums.push_back(output_sum(q));
  sums.push_back(next_sum(zero_));
  add_inputs(sums);
  Values states;
  for (std::size_t k = 0; k < system_.states; ++k)
    states.push_back(b_.broadcast(b_.load(buffers_.base, whole(b_, static_cast<std::int64_t>(k)), false)));
  for (std::size_t q = 0; q < system_.outputs; ++q) output_[q].set(with_states(sums[q], states, Products::all));
  b_.likely_branch(
      all_finite(output_[0].get()),
      [&] {
        b_.store(buffers_.base, to_, with_states(sums.back(), states, Products::all));
        b_.loop(b_.lanes(), whole(b_, static_cast<std::int64_t>(system_.states)), true, [&](Value row) {
          const Sum sum = next_sum(row);
          add_inputs({sum});
          b_.store(buffers_.base, to_ + row, with_states(sum, states, Products::all));
        });
      },
      [&] { write_what_is_heard(states); });
}

/// An input that is not finite leaves the frames before it alone, and a state the outputs and sections that have no part in it,
/// although they are in all sums, times 0.
void CascadeWriter::write_what_is_heard(const Values& states) {
  const auto heard = [&](const Sum& sum) {
    add_heard_inputs(sum);
    return with_states(sum, states, Products::where_heard);
  };
  for (std::size_t q = 0; q < system_.outputs; ++q) output_[q].set(heard(output_sum(q)));
  b_.loop(zero_, whole(b_, static_cast<std::int64_t>(system_.states)), true,
          [&](Value row) { b_.store(buffers_.base, to_ + row, heard(next_sum(row))); });
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
    step_cascade(recurrence_, buffers_.kept, b_, input, now);
    for (std::size_t k = 0; k < now.size(); ++k) b_.store(buffers_.state[k], zero_, now[k]);
  });
}

void CascadeWriter::end_whole_vectors() { keep_states_of_base(b_, system_, buffers_); }

}  // namespace dgen::lower

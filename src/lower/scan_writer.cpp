#include "lower/scan_writer.h"

#include <utility>

#include "dgen/error.h"
#include "lower/access.h"
#include "lower/affine_map.h"
#include "lower/scan_powers.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

void write_scan_blocks(ir::Builder& b, const ScanBuffers& buffers, const std::vector<Value>& matrix, bool has_powers) {
  const std::size_t n = matrix.size() == 1 ? 1 : 2, entries = matrix.size();
  check(n * n == entries, "a scan has one state or two");
  std::vector<Value> m = matrix, state;
  for (std::size_t k = 0; k < n; ++k) state.push_back(used_state(b.load(buffers.state[k], whole(b, 0), false), matrix, k, n));
  if (n == 2) {
    const std::vector<Value> turn = equal_diagonal(m);
    b.store(buffers.rotation, whole(b, 0), turn[0]);
    b.store(buffers.rotation, whole(b, 1), turn[1]);
    m = turned_matrix(turn, m);
    state = turned(turn, state, false);
  }
  for (std::size_t k = 0; k < n; ++k) b.store(buffers.base[k], whole(b, 0), state[k]);
  b.store(buffers.done, whole(b, 0), whole(b, 0));  // a vector begins here
  if (!has_powers) write_powers(b, buffers.blocks, m);
}

ScanWriter::ScanWriter(const AffineLoop& loop, bool time_invariant, std::vector<bool> may_reset, const ScanBuffers& buffers,
                       ir::Builder& builder)
    : loop_(loop), invariant_(time_invariant), backward_(builder.module().run == ir::Run::backward),
      may_reset_(std::move(may_reset)), buffers_(buffers), b_(builder) {}

/// Into the coordinates of the scan, or back. x: one value a state.
ScanWriter::Values ScanWriter::turned(const Values& x, bool back) const {
  if (rotation_.empty()) return x;
  return lower::turned(x[0].type().scalar == Scalar::f64 ? rotation_ : wide_rotation_, x, back);
}

/// An entry of the matrix to the power 2^step, in every lane.
Value ScanWriter::step_power(int step, std::size_t entry) const {
  const std::size_t entries = loop_.states * loop_.states;
  if (!kept_) return lower::step_power(b_, buffers_.blocks, step, entry);
  return kept_->steps[static_cast<std::size_t>(step) * entries + entry];
}

/// An entry of the matrix to the power of the lane's number, from 1.
Value ScanWriter::lane_power(std::size_t entry) const {
  return kept_ ? kept_->lanes[entry] : lower::lane_power(b_, buffers_.blocks, entry);
}

void ScanWriter::begin(Value position, Value frames, const std::function<Value(std::size_t)>& initial) {
  position_ = position;
  frames_ = frames;
  zero_ = whole(b_, 0);
  if (buffers_.rotation >= 0) {
    for (int k = 0; k < 2; ++k) {
      rotation_.push_back(b_.load(buffers_.rotation, whole(b_, k), false));
      wide_rotation_.push_back(b_.broadcast(convert(Scalar::f32, rotation_.back())));
    }
  }
  if (!backward_) leave_longer_vector();                                       // adjoints always start at a reset
  done_ = b_.load(buffers_.done, zero_, false) & (b_.lanes() - whole(b_, 1));  // whatever was restored
  Values base, first;
  for (std::size_t k = 0; k < loop_.states; ++k) {
    base.push_back(b_.load(buffers_.base[k], zero_, false));
    const Value given = initial(k);
    first.push_back(given.builder ? given : b_.number({Scalar::f64, false}, 0));
  }
  last_lane_ = b_.lane() == b_.broadcast(b_.lanes() - whole(b_, 1));
  const bool starts_at_zero = !initial(0).builder && !initial(loop_.states - 1).builder;
  if (!starts_at_zero) first = turned(first, false);
  const Value nothing = b_.number({Scalar::f32, true}, 0);
  for (std::size_t k = 0; k < loop_.states; ++k) {
    const Value kept = starts_at_zero ? base[k] : ir::select(position == like(position, 0), first[k], base[k]);
    const Value wide = b_.broadcast(convert(Scalar::f32, kept));
    carry_.push_back(b_.local("carry" + std::to_string(k), joins_carry_ ? ir::select(last_lane_, wide, 0.0) : wide));
    before_.push_back(b_.local("before" + std::to_string(k), nothing));
    after_.push_back(b_.local("after" + std::to_string(k), nothing));
  }
  for (std::size_t k = 0; k < buffers_.pending.size(); ++k) in_.push_back(b_.local("in" + std::to_string(k), nothing));
}

/// What was restored may be of a program with longer vectors, within one that began before this program's does. A vector then
/// begins here, from the state behind the last frame.
void ScanWriter::leave_longer_vector() {
  const Value within = convert(Scalar::i32, position_) & (b_.lanes() - whole(b_, 1));
  b_.rare_branch(b_.load(buffers_.done, zero_, false) > within, [&] {
    Values state;
    for (std::size_t k = 0; k < loop_.states; ++k) state.push_back(b_.load(buffers_.state[k], zero_, false));
    state = turned(state, false);
    for (std::size_t k = 0; k < loop_.states; ++k) b_.store(buffers_.base[k], zero_, state[k]);
    b_.store(buffers_.done, zero_, zero_);
  });
}

ScanWriter::Values ScanWriter::invariant_offsets(const std::function<Value(int)>& of,
                                                 const std::function<bool(int)>& is_zero) const {
  if (loop_.states == 1) return {of(loop_.offset[0])};
  const Value c = wide_rotation_[0], s = wide_rotation_[1];
  if (is_zero(loop_.offset[1])) return {c * of(loop_.offset[0]), -s * of(loop_.offset[0])};
  if (is_zero(loop_.offset[0])) return {s * of(loop_.offset[1]), c * of(loop_.offset[1])};
  return turned({of(loop_.offset[0]), of(loop_.offset[1])}, false);
}

/// What the lanes below add: their offsets times the power of the matrix for the distance, doubled step by step. A state that
/// joins stands in the lane before the first: each step brings it to the last lane that it goes over, and the end to the last.
ScanWriter::Values ScanWriter::scan_invariant() {
  const std::size_t n = loop_.states;
  const Value zero = b_.number({Scalar::f32, true}, 0);
  each_step(b_, [&](int step, int by) {
    Values below, sum;
    for (std::size_t k = 0; k < n; ++k) below.push_back(b_.shift_up(in_[k].get(), by, joins_carry_ ? carry_[k].get() : zero));
    for (std::size_t k = 0; k < n; ++k) {
      sum.push_back(in_[k].get());
      for (std::size_t j = 0; j < n; ++j) {
        sum[k] = sum[k] + step_power(step, k * n + j) * below[j];
      }
    }
    for (std::size_t k = 0; k < n; ++k) in_[k].set(sum[k]);
  });
  Values after;
  for (std::size_t k = 0; k < n; ++k) {
    after.push_back(in_[k].get());
    for (std::size_t j = 0; j < n; ++j) after[k] = after[k] + lane_power(k * n + j) * carry_[j].get();
  }
  return after;
}

/// A coefficient of 0 that stands for a reset lets nothing through, not even what is infinite.
Value ScanWriter::term(std::size_t entry, Value coefficient, Value state) const {
  const Value product = coefficient * state;
  return may_reset_[entry] ? select(coefficient == 0.0, 0.0, product) : product;
}

/// The same with a matrix a lane: maps of neighbours are composed, then those of pairs, then those of fours.
ScanWriter::Values ScanWriter::scan_varying() {
  const std::size_t n = loop_.states;
  const Value zero = b_.number({Scalar::f32, true}, 0), one = b_.number({Scalar::f32, true}, 1);
  each_step(b_, [&](int, int by) {
    Values m, below_m, below, sum;
    for (std::size_t e = 0; e < n * n; ++e) {
      m.push_back(in_[n + e].get());
      below_m.push_back(b_.shift_up(m[e], by, e / n == e % n ? one : zero));
    }
    for (std::size_t k = 0; k < n; ++k) below.push_back(b_.shift_up(in_[k].get(), by, zero));
    for (std::size_t k = 0; k < n; ++k) {
      sum.push_back(in_[k].get());
      for (std::size_t j = 0; j < n; ++j) sum[k] = sum[k] + term(k * n + j, m[k * n + j], below[j]);
    }
    const Values composed = product(m, below_m, n);
    for (std::size_t k = 0; k < n; ++k) in_[k].set(sum[k]);
    for (std::size_t e = 0; e < n * n; ++e) in_[n + e].set(finite(composed[e]));
  });
  Values after;
  for (std::size_t k = 0; k < n; ++k) {
    after.push_back(in_[k].get());
    for (std::size_t j = 0; j < n; ++j) after[k] = after[k] + term(k * n + j, in_[n + k * n + j].get(), carry_[j].get());
  }
  return after;
}

ScanWriter::Values ScanWriter::given(const std::function<Value(int)>& of, const std::function<bool(int)>& is_zero) const {
  if (invariant_) return invariant_offsets(of, is_zero);
  Values made;
  for (const int id : loop_.offset) made.push_back(of(id));
  for (const int id : loop_.matrix) made.push_back(of(id));
  return made;
}

std::vector<Value> ScanWriter::results(const Values& before, const Values& after) const {
  const Values known_before = turned(before, true), known_after = turned(after, true);
  std::vector<Value> made;
  for (const AffineLoop::Result& result : loop_.results)
    made.push_back((result.after ? known_after : known_before)[result.state]);
  return made;
}

std::vector<Value> ScanWriter::frame(Value index, Value rest, const std::function<Value(int)>& of,
                                     const std::function<bool(int)>& is_zero) {
  // Rounded in whole vectors, too: where a call ends within one, what is kept of it is.
  for (std::size_t k = 0; const Value x : given(of, is_zero)) in_[k++].set(rounded(x));
  b_.rare_branch(rest, [&] { join_unfinished(); });
  const Values found = invariant_ ? scan_invariant() : scan_varying();
  for (std::size_t k = 0; k < loop_.states; ++k) {
    before_[k].set(b_.shift_up(found[k], 1, carry_[k].get()));
    after_[k].set(found[k]);
  }
  b_.rare_branch(rest, [&] { end_within_vector(index); });
  for (std::size_t k = 0; k < loop_.states; ++k)
    carry_[k].set(joins_carry_ ? ir::select(last_lane_, found[k], 0.0) : b_.last(found[k]));
  Values before, after;
  for (std::size_t k = 0; k < loop_.states; ++k) before.push_back(before_[k].get()), after.push_back(after_[k].get());
  return results(before, after);
}

/// Puts what this sub-block gives behind what those before gave of this vector.
void ScanWriter::join_unfinished() {
  for (std::size_t k = 0; k < in_.size(); ++k) {
    b_.store(buffers_.pending[k], done_, in_[k].get());
    in_[k].set(b_.load(buffers_.pending[k], zero_, true));
  }
}

/// The frames of this sub-block that are no whole vector, out of the vector they are part of; and the state behind them.
void ScanWriter::end_within_vector(Value index) {
  const Value most = b_.lanes() - whole(b_, 1), count = frames_ - index;
  const Value behind = convert(Scalar::i32, position_) + (backward_ ? zero_ : frames_);
  const Value ends = (behind & most) == zero_;
  Values state;
  for (std::size_t k = 0; k < loop_.states; ++k) {
    const Value carry = last_lane(carry_[k].get());
    b_.store(buffers_.realigned, zero_, before_[k].get());
    before_[k].set(b_.load(buffers_.realigned, done_, true));
    b_.store(buffers_.realigned, zero_, after_[k].get());
    after_[k].set(b_.load(buffers_.realigned, done_, true));
    state.push_back(convert(Scalar::f64, b_.load(buffers_.realigned, done_ + count - whole(b_, 1), false)));
    b_.store(buffers_.base[k], zero_, select(ends, state[k], carry));
  }
  state = turned(state, true);
  for (std::size_t k = 0; k < loop_.states; ++k) b_.store(buffers_.state[k], zero_, state[k]);
  b_.store(buffers_.done, zero_, select(ends, zero_, (done_ + count) & most));
}

void ScanWriter::end_whole_vectors() {
  Values state;
  for (std::size_t k = 0; k < loop_.states; ++k) {
    state.push_back(last_lane(carry_[k].get()));
    b_.store(buffers_.base[k], zero_, state[k]);
  }
  state = turned(state, true);
  for (std::size_t k = 0; k < loop_.states; ++k) b_.store(buffers_.state[k], zero_, state[k]);
}

/// The last lane of a wide value, as f64.
Value ScanWriter::last_lane(Value wide) {
  b_.store(buffers_.realigned, zero_, wide);
  return convert(Scalar::f64, b_.load(buffers_.realigned, b_.lanes() - whole(b_, 1), false));
}

}  // namespace dgen::lower

#include "lower/scan_writer.h"

#include <limits>
#include <utility>

#include "dgen/error.h"
#include "lower/access.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

constexpr int steps = 4;  ///< by 1, 2, 4 and 8 lanes
constexpr int most_lanes = 16;
static_assert(1 << steps == most_lanes && most_lanes == ir::padding);

/// Elements of the powers that the steps take: matrix entry after matrix entry, for step after step.
std::int64_t step_element(std::size_t entries, int step, std::size_t entry) {
  return static_cast<std::int64_t>(entries) * step + static_cast<std::int64_t>(entry);
}

/// The power n + 1 of the matrix, for lane n, entry after entry.
std::int64_t lane_element(std::size_t entries, std::size_t entry) {
  return static_cast<std::int64_t>(entries) * steps + most_lanes * static_cast<std::int64_t>(entry);
}

/// x y, of square matrices.
std::vector<Value> product(const std::vector<Value>& x, const std::vector<Value>& y, std::size_t n) {
  std::vector<Value> made;
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t column = 0; column < n; ++column) {
      Value sum = x[row * n] * y[column];
      for (std::size_t k = 1; k < n; ++k) sum = sum + x[row * n + k] * y[k * n + column];
      made.push_back(sum);
    }
  }
  return made;
}

/// A power of an unstable loop may leave the range of a float; times a state of 0 it must stay 0.
Value finite(Value x) {
  constexpr double most = std::numeric_limits<float>::max();
  return min(max(x, like(x, -most)), like(x, most));
}

/// Cosine and sine of the turn after which the diagonal elements are equal; at most 45 degrees.
std::vector<Value> equal_diagonal(const std::vector<Value>& m) {
  const Value p = (m[0] - m[3]) * 0.5, q = (m[1] + m[2]) * 0.5;
  const Value size = sqrt(p * p + q * q);
  const Value known = size > 0.0;  // else any turn will do; NaN comes out as no turn
  const Value double_cosine = select(known, abs(q) / size, 1.0);
  const Value double_sine = select(known, select(q < 0.0, p, -p) / size, 0.0);
  const Value cosine = sqrt((double_cosine + 1.0) * 0.5);
  return {cosine, double_sine * 0.5 / cosine};
}

}  // namespace

std::int64_t scan_block_elements(std::size_t states) { return static_cast<std::int64_t>(states * states) * (steps + most_lanes); }

void write_scan_blocks(ir::Builder& b, const ScanBuffers& buffers, const std::vector<Value>& matrix) {
  const std::size_t n = matrix.size() == 1 ? 1 : 2, entries = matrix.size();
  check(n * n == entries, "a scan has one state or two");
  std::vector<Value> m = matrix;
  if (n == 2) {
    const std::vector<Value> turn = equal_diagonal(m);
    b.store(buffers.rotation, whole(b, 0), turn[0]);
    b.store(buffers.rotation, whole(b, 1), turn[1]);
    const std::vector<Value> q{turn[0], -turn[1], turn[1], turn[0]}, transposed{turn[0], turn[1], -turn[1], turn[0]};
    m = product(product(transposed, m, n), q, n);
  }
  for (std::size_t k = 0; k < n; ++k) b.store(buffers.base[k], whole(b, 0), b.load(buffers.state[k], whole(b, 0), false));
  b.store(buffers.done, whole(b, 0), whole(b, 0));  // an aligned vector begins here
  std::vector<Value> power = m;
  for (int step = 0; step < steps; ++step) {
    for (std::size_t e = 0; e < entries; ++e) {
      b.store(buffers.blocks, whole(b, step_element(entries, step, e)), convert(Scalar::f32, finite(power[e])));
    }
    power = product(power, power, n);
  }
  std::vector<ir::Local> up;
  for (std::size_t e = 0; e < entries; ++e) up.push_back(b.local("power" + std::to_string(e), m[e]));
  b.loop(whole(b, 0), whole(b, most_lanes), false, [&](Value lane) {
    std::vector<Value> now;
    for (std::size_t e = 0; e < entries; ++e) {
      now.push_back(up[e].get());
      b.store(buffers.blocks, lane + whole(b, lane_element(entries, e)), convert(Scalar::f32, finite(now[e])));
    }
    const std::vector<Value> next = product(now, m, n);
    for (std::size_t e = 0; e < entries; ++e) up[e].set(next[e]);
  });
}

ScanWriter::ScanWriter(const AffineLoop& loop, bool time_invariant, const ScanBuffers& buffers, ir::Builder& builder)
    : loop_(loop), invariant_(time_invariant), buffers_(buffers), b_(builder) {}

/// Into the coordinates of the scan, or back. x: one value a state.
ScanWriter::Values ScanWriter::turned(const Values& x, bool back) const {
  if (rotation_.empty()) return x;
  const Values& turn = x[0].type().scalar == Scalar::f64 ? rotation_ : wide_rotation_;
  const Value c = turn[0], s = turn[1];
  return back ? Values{c * x[0] - s * x[1], s * x[0] + c * x[1]} : Values{c * x[0] + s * x[1], c * x[1] - s * x[0]};
}

void ScanWriter::keep_powers() {
  if (!invariant_) return;
  const std::size_t entries = loop_.states * loop_.states;
  Values kept_steps, kept_lanes;
  for (int step = 0; step < steps; ++step) {
    for (std::size_t e = 0; e < entries; ++e) kept_steps.push_back(step_power(step, e));
  }
  for (std::size_t e = 0; e < entries; ++e) kept_lanes.push_back(lane_power(e));
  step_powers_ = std::move(kept_steps);
  lane_powers_ = std::move(kept_lanes);
}

/// An entry of the matrix to the power 2^step, in every lane.
Value ScanWriter::step_power(int step, std::size_t entry) const {
  const std::size_t entries = loop_.states * loop_.states;
  if (!step_powers_.empty()) return step_powers_[static_cast<std::size_t>(step) * entries + entry];
  return b_.broadcast(b_.load(buffers_.blocks, whole(b_, step_element(entries, step, entry)), false));
}

/// An entry of the matrix to the power of the lane's number, from 1.
Value ScanWriter::lane_power(std::size_t entry) const {
  if (!lane_powers_.empty()) return lane_powers_[entry];
  return b_.load(buffers_.blocks, whole(b_, lane_element(loop_.states * loop_.states, entry)), true);
}

void ScanWriter::begin(Value position, Value frames, const std::function<Value(std::size_t)>& initial) {
  frames_ = frames;
  zero_ = whole(b_, 0);
  done_ = b_.load(buffers_.done, zero_, false) & (b_.lanes() - whole(b_, 1));  // whatever was restored
  aligned_ = done_ == zero_;
  if (buffers_.rotation >= 0) {
    for (int k = 0; k < 2; ++k) {
      rotation_.push_back(b_.load(buffers_.rotation, whole(b_, k), false));
      wide_rotation_.push_back(b_.broadcast(convert(Scalar::f32, rotation_.back())));
    }
  }
  Values base;
  for (std::size_t k = 0; k < loop_.states; ++k) {
    Value kept = b_.load(buffers_.base[k], zero_, false);
    if (const Value first = initial(k); first.builder) kept = ir::select(position == like(position, 0), first, kept);
    base.push_back(kept);
  }
  base = turned(base, false);
  const Value nothing = b_.number({Scalar::f32, true}, 0);
  for (std::size_t k = 0; k < loop_.states; ++k) {
    carry_.push_back(b_.local("carry" + std::to_string(k), b_.broadcast(convert(Scalar::f32, base[k]))));
    before_.push_back(b_.local("before" + std::to_string(k), nothing));
    after_.push_back(b_.local("after" + std::to_string(k), nothing));
  }
  for (std::size_t k = 0; k < buffers_.pending.size(); ++k) in_.push_back(b_.local("in" + std::to_string(k), nothing));
}

void ScanWriter::each_step(const std::function<void(int, int)>& body) {
  for (int step = 0; step < steps; ++step) {
    const int by = 1 << step;
    if (step < 2) {
      body(step, by);  // every target has four lanes
    } else {
      b_.branch(b_.lanes() > whole(b_, by), [&] { body(step, by); });
    }
  }
}

ScanWriter::Values ScanWriter::invariant_offsets(const std::function<Value(int)>& of,
                                                 const std::function<bool(int)>& is_zero) const {
  if (loop_.states == 1) return {of(loop_.offset[0])};
  const Value c = wide_rotation_[0], s = wide_rotation_[1];
  if (is_zero(loop_.offset[1])) return {c * of(loop_.offset[0]), -s * of(loop_.offset[0])};
  if (is_zero(loop_.offset[0])) return {s * of(loop_.offset[1]), c * of(loop_.offset[1])};
  return turned({of(loop_.offset[0]), of(loop_.offset[1])}, false);
}

/// What the lanes below add: their offsets times the power of the matrix for the distance, doubled step by step.
ScanWriter::Values ScanWriter::scan_invariant() {
  const std::size_t n = loop_.states;
  const Value zero = b_.number({Scalar::f32, true}, 0);
  each_step([&](int step, int by) {
    Values below, sum;
    for (std::size_t k = 0; k < n; ++k) below.push_back(b_.shift_up(in_[k].get(), by, zero));
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
    for (std::size_t j = 0; j < n; ++j) {
      after[k] = after[k] + lane_power(k * n + j) * carry_[j].get();
    }
  }
  return after;
}

/// The same with a matrix a lane: maps of neighbours are composed, then those of pairs, then those of fours.
ScanWriter::Values ScanWriter::scan_varying() {
  const std::size_t n = loop_.states;
  const Value zero = b_.number({Scalar::f32, true}, 0), one = b_.number({Scalar::f32, true}, 1);
  each_step([&](int, int by) {
    Values m, below_m, below, sum;
    for (std::size_t e = 0; e < n * n; ++e) {
      m.push_back(in_[n + e].get());
      below_m.push_back(b_.shift_up(m[e], by, e / n == e % n ? one : zero));
    }
    for (std::size_t k = 0; k < n; ++k) below.push_back(b_.shift_up(in_[k].get(), by, zero));
    for (std::size_t k = 0; k < n; ++k) {
      sum.push_back(in_[k].get());
      for (std::size_t j = 0; j < n; ++j) sum[k] = sum[k] + m[k * n + j] * below[j];
    }
    const Values composed = product(m, below_m, n);
    for (std::size_t k = 0; k < n; ++k) in_[k].set(sum[k]);
    for (std::size_t e = 0; e < n * n; ++e) in_[n + e].set(finite(composed[e]));
  });
  Values after;
  for (std::size_t k = 0; k < n; ++k) {
    after.push_back(in_[k].get());
    for (std::size_t j = 0; j < n; ++j) after[k] = after[k] + in_[n + k * n + j].get() * carry_[j].get();
  }
  return after;
}

std::vector<Value> ScanWriter::frame(Value index, const std::function<Value(int)>& of, const std::function<bool(int)>& is_zero) {
  Values given = invariant_ ? invariant_offsets(of, is_zero) : Values{};
  if (!invariant_) {
    for (const int id : loop_.offset) given.push_back(of(id));
    for (const int id : loop_.matrix) given.push_back(of(id));
  }
  const Value complete = frames_ - index + done_ >= b_.lanes();
  for (std::size_t k = 0; k < in_.size(); ++k) {
    in_[k].set(given[k]);
    b_.store(buffers_.pending[k], done_, given[k]);
  }
  const auto realign = [&](const std::function<void()>& body) { b_.branch(~aligned_, body); };
  realign([&] {
    for (std::size_t k = 0; k < in_.size(); ++k) in_[k].set(b_.load(buffers_.pending[k], zero_, true));
  });
  const ir::Local parts = b_.local("parts", whole(b_, 1));
  b_.branch(complete & ~aligned_, [&] { parts.set(whole(b_, 2)); });
  b_.loop(zero_, parts.get(), false, [&](Value part) {
    const Values after = invariant_ ? scan_invariant() : scan_varying();
    for (std::size_t k = 0; k < loop_.states; ++k) {
      after_[k].set(after[k]);
      before_[k].set(b_.shift_up(after[k], 1, carry_[k].get()));
    }
    b_.branch(complete & (part == zero_), [&] {
      for (std::size_t k = 0; k < loop_.states; ++k) carry_[k].set(b_.last(after[k]));
      realign([&] { begin_second_part(); });
    });
    realign([&] { keep_part(part); });
  });
  realign([&] { take_parts(); });
  Values after, before;
  for (std::size_t k = 0; k < loop_.states; ++k) after.push_back(after_[k].get()), before.push_back(before_[k].get());
  after = turned(after, true), before = turned(before, true);
  std::vector<Value> results;
  for (const AffineLoop::Result& result : loop_.results) results.push_back((result.after ? after : before)[result.state]);
  return results;
}

/// What did not fit into the aligned vector begins the next one.
void ScanWriter::begin_second_part() {
  for (std::size_t k = 0; k < in_.size(); ++k) {
    const Value rest = b_.load(buffers_.pending[k], b_.lanes(), true);
    in_[k].set(rest);
    b_.store(buffers_.pending[k], zero_, rest);
  }
}

/// The number of the state, and before or after, to where its two aligned vectors are kept.
Value ScanWriter::kept_at(std::size_t state, bool after, Value part) {
  const Value first = part * b_.lanes();
  return first + whole(b_, static_cast<std::int64_t>(2 * state + (after ? 1 : 0)) * 2 * most_lanes);
}

void ScanWriter::keep_part(Value part) {
  for (std::size_t k = 0; k < loop_.states; ++k) {
    b_.store(buffers_.realigned, kept_at(k, false, part), before_[k].get());
    b_.store(buffers_.realigned, kept_at(k, true, part), after_[k].get());
  }
}

/// The frames of this iteration, out of two aligned vectors.
void ScanWriter::take_parts() {
  for (std::size_t k = 0; k < loop_.states; ++k) {
    before_[k].set(b_.load(buffers_.realigned, kept_at(k, false, zero_) + done_, true));
    after_[k].set(b_.load(buffers_.realigned, kept_at(k, true, zero_) + done_, true));
  }
}

void ScanWriter::end() {
  const Value most = b_.lanes() - whole(b_, 1), lane = (frames_ - whole(b_, 1)) & most;
  Values state, base;
  for (std::size_t k = 0; k < loop_.states; ++k) {
    const auto scalar = [&](const ir::Local& wide, Value at) {
      b_.store(buffers_.realigned, zero_, wide.get());
      return convert(Scalar::f64, b_.load(buffers_.realigned, at, false));
    };
    state.push_back(scalar(after_[k], lane));
    base.push_back(scalar(carry_[k], zero_));
  }
  state = turned(state, true), base = turned(base, true);
  for (std::size_t k = 0; k < loop_.states; ++k) {
    b_.store(buffers_.state[k], zero_, state[k]);
    b_.store(buffers_.base[k], zero_, base[k]);
  }
  b_.store(buffers_.done, zero_, (done_ + frames_) & most);
}

}  // namespace dgen::lower

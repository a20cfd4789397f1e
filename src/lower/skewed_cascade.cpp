#include "lower/skewed_cascade.h"

#include <utility>

#include "lower/access.h"
#include "lower/cascade_body.h"
#include "lower/skewed_states.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

constexpr ir::Type octet_of_floats{Scalar::f32, false, true};

bool has_pairs(const Cascade& system) { return system.states > system.sections.size(); }

}  // namespace

SkewedPlaces::SkewedPlaces(const Cascade& system)
    : sections(static_cast<std::int64_t>(system.sections.size())),
      octets((sections + ir::octet_elements - 1) / ir::octet_elements), size((sections + octets - 1) / octets) {}

std::int64_t SkewedPlaces::of(std::int64_t section) const {
  return section / size * ir::octet_elements + size - 1 - section % size;
}

SkewedWriter::SkewedWriter(const Recurrence& recurrence, const Cascade& system, const SkewedBuffers& buffers,
                           ir::Builder& builder)
    : recurrence_(recurrence), system_(system), buffers_(buffers), b_(builder), places_(system), pairs_(has_pairs(system)) {}

void SkewedWriter::run(Value frames, const std::function<Value(Value i)>& input) {
  const Value zero = whole(b_, 0), mask = whole(b_, skew_frames - 1);
  done_ = b_.load(buffers_.done, zero, false) & mask;  // whatever was restored
  b_.store(buffers_.given, zero, b_.load(buffers_.pending, zero, true));
  b_.loop(zero, frames, true, [&](Value i) { b_.store(buffers_.given, i + done_, input(i)); });
  total_ = done_ + frames;
  whole_ = total_ >> 2;
  blocks_ = (total_ + mask) >> 2;
  for (std::int64_t octet = 0; octet < places_.octets; ++octet) run_octet(octet);
  end();
}

Value SkewedWriter::row(std::int64_t number) const { return rows_[static_cast<std::size_t>(number)]; }

/// All blocks of the sub-block through the sections of an octet: a step takes block j of the first section, j - 1 of the
/// second, and so on.
void SkewedWriter::run_octet(std::int64_t octet) {
  const std::int64_t first = octet * ir::octet_elements;
  rows_.clear();
  for (std::int64_t k = 0; k < skewed_rows; ++k)
    rows_.push_back(b_.load_octet(buffers_.coefficients, whole(b_, k * skewed_places + first)));
  states_.clear(), x_.clear();
  for (std::int64_t k = 0; k < (pairs_ ? 2 : 1); ++k)
    states_.push_back(b_.local("s" + std::to_string(k), b_.load_octet(buffers_.base, whole(b_, k * skewed_places + first))));
  const int from = octet == 0 ? buffers_.given : buffers_.heard[static_cast<std::size_t>(octet - 1)];
  const std::int64_t behind = octet == 0 ? 0 : skew_frames * (places_.size - 1);
  for (std::int64_t k = 0; k < skew_frames; ++k)
    x_.push_back(b_.local("x" + std::to_string(k), b_.octet(b_.load(from, whole(b_, behind + k), false))));
  b_.loop(whole(b_, 0), blocks_ + whole(b_, places_.size - 1), false, [&](Value j) { step(j, octet); });
  for (std::size_t k = 0; k < states_.size(); ++k)
    b_.store(buffers_.base, whole(b_, static_cast<std::int64_t>(k) * skewed_places + first), states_[k].get());
}

void SkewedWriter::step(Value j, std::int64_t octet) {
  Values x, states;
  for (const ir::Local& one : x_) x.push_back(one.get());
  for (const ir::Local& one : states_) states.push_back(one.get());
  const Values y = outputs(x, states);
  commit(j, next_states(x, states));
  const auto o = static_cast<std::size_t>(octet);
  const int from = octet == 0 ? buffers_.given : buffers_.heard[o - 1];
  const std::int64_t behind = octet == 0 ? 0 : skew_frames * (places_.size - 1);
  const Value at = j << 2;
  for (std::int64_t k = 0; k < skew_frames; ++k) {
    const auto frame = static_cast<std::size_t>(k);
    b_.store(buffers_.heard[o], at + whole(b_, k), b_.first(y[frame]));
    const Value next = b_.octet(b_.load(from, at + whole(b_, behind + skew_frames + k), false));
    Value moved = b_.shift_down(y[frame], next);
    if (places_.size < ir::octet_elements) {
      const Value last = b_.load_octet(buffers_.edge, whole(b_, ir::octet_elements + 1 - places_.size));
      moved = select(bitcast(Scalar::m32, last), next, moved);
    }
    x_[frame].set(moved);
  }
}

/// Inputs first: they come from the step before, and the states of that step a little later.
SkewedWriter::Values SkewedWriter::outputs(const Values& x, const Values& states) const {
  Values made;
  for (std::int64_t frame = 0; frame < skew_frames; ++frame) {
    Value sum = b_.octet(b_.number({Scalar::f32}, 0));
    for (std::int64_t before = frame; before >= 0; --before)
      sum = sum + row(through + before) * x[static_cast<std::size_t>(frame - before)];
    for (std::size_t k = 0; k < states.size(); ++k)
      sum = sum + row(state_part + 2 * frame + static_cast<std::int64_t>(k)) * states[k];
    made.push_back(sum);
  }
  return made;
}

/// The old states, what the inputs add, and by what the states change: for poles near the unit circle that is small, and a float
/// holds it better than a factor near 1.
SkewedWriter::Values SkewedWriter::next_states(const Values& x, const Values& states) const {
  const Value nothing = b_.octet(b_.number({Scalar::f32}, 0));
  Values made;
  for (std::size_t k = 0; k < states.size(); ++k) {
    const auto first = static_cast<std::int64_t>(k);
    Value of_states = nothing;
    for (std::size_t j = 0; j < states.size(); ++j)
      of_states = of_states + row(power + 2 * first + static_cast<std::int64_t>(j)) * states[j];
    const auto part = [&](std::size_t from) {
      const std::int64_t at = input_part + skew_frames * first + static_cast<std::int64_t>(from);
      return nothing + row(at) * x[from] + row(at + 1) * x[from + 1];
    };
    made.push_back((states[k] + (part(0) + part(2))) + of_states);
  }
  return made;
}

/// Sections whose blocks have not begun, or are over, keep their states; so does one whose block is not whole.
void SkewedWriter::commit(Value j, const Values& next) {
  const Value edge = whole(b_, places_.size - 1), none = whole(b_, 0);
  const auto set = [&](const std::function<Value(std::size_t)>& value) {
    for (std::size_t k = 0; k < states_.size(); ++k) states_[k].set(value(k));
  };
  b_.branch((j < edge) | (whole_ <= j),
            [&] {
              const Value begun = select(j < edge, j, edge), over = j - whole_;
              const Value from = whole(b_, ir::octet_elements + 1 - places_.size);
              const Value runs = b_.load_octet(buffers_.edge, from + begun);
              const Value ends = b_.load_octet(buffers_.edge, select(over < none, none, from + select(over < edge, over, edge)));
              const Value mask = bitcast(Scalar::m32, runs & ~ends);
              set([&](std::size_t k) { return select(mask, next[k], states_[k].get()); });
            },
            [&] { set([&](std::size_t k) { return next[k]; }); });
}

/// The block that goes on, and all states as they are behind the last frame.
void SkewedWriter::end() {
  const Value zero = whole(b_, 0), left = total_ & whole(b_, skew_frames - 1);
  b_.store(buffers_.done, zero, left);
  keep_own_states(b_, system_, buffers_);
  b_.branch(left != zero, [&] {
    b_.store(buffers_.pending, zero, b_.load(buffers_.given, whole_ << 2, true));
    b_.loop(zero, left, false, [&](Value frame) {
      const Value input = convert(Scalar::f64, b_.load(buffers_.pending, frame, false));
      step_own_states(b_, recurrence_, buffers_, input);
    });
  });
}

Value SkewedWriter::frame(Value index) {
  return b_.load(buffers_.heard.back(), index + done_ + whole(b_, skew_frames * (places_.size - 1)), true);
}

}  // namespace dgen::lower

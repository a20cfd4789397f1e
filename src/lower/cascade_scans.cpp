#include "lower/cascade_scans.h"

#include <algorithm>
#include <map>

#include "lower/access.h"
#include "lower/cascade_body.h"
#include "lower/scan_powers.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;
using Values = std::vector<Value>;

namespace {

class SectionScans {
 public:
  SectionScans(const Recurrence& recurrence, const Cascade& system, const CascadeBuffers& buffers, ir::Builder& builder,
               Value input, Value to)
      : recurrence_(recurrence), system_(system), buffers_(buffers), b_(builder), input_(input), to_(to),
        body_(*recurrence.body, builder, {Scalar::f32, true}, [this](int id) { return given(id); }), before_(system.states),
        after_(system.states) {}

  Values write() {
    for (std::size_t s = 0; s < system_.sections.size(); ++s) scan(s);
    Values outputs;
    for (const int id : recurrence_.results) outputs.push_back(body_.of(id));
    return outputs;
  }

 private:
  /// Sections come in order, so that what one needs of others is there.
  Value given(int id) {
    const Node& node = (*recurrence_.body)[id];
    if (node.op->kind == Kind::state) return before_[static_cast<std::size_t>(node.attributes.size)];
    if (node.op->kind == Kind::argument) {
      if (node.attributes.size == 0) return input_;
      return b_.broadcast(b_.load(buffers_.coefficients, whole(b_, node.attributes.size), false));
    }
    const auto next =
        std::find_if(recurrence_.states.begin(), recurrence_.states.end(), [&](const auto& s) { return s.next == id; });
    return next == recurrence_.states.end() ? Value{} : after_[static_cast<std::size_t>(next - recurrence_.states.begin())];
  }

  void scan(std::size_t s) {
    const Cascade::Section& section = system_.sections[s];
    Values offsets, carry, turn;
    for (const int id : section.offset) offsets.push_back(b_.broadcast(body_.of(id)));
    if (section.states == 2) {
      for (const Value x : turn_of(b_, buffers_, s)) turn.push_back(b_.broadcast(convert(Scalar::f32, x)));
      offsets = turned(turn, offsets, false);
    }
    for (std::size_t k = 0; k < section.states; ++k)
      carry.push_back(b_.broadcast(b_.load(buffers_.base, index(section.first + k), false)));
    const Values found = scanned(s, offsets, carry);
    Values before;
    for (std::size_t k = 0; k < section.states; ++k) {
      before.push_back(b_.shift_up(found[k], 1, carry[k]));
      b_.store(buffers_.realigned, index(0), found[k]);
      const Value last = b_.load(buffers_.realigned, b_.lanes() - index(1), false);
      b_.store(buffers_.base, to_ + index(section.first + k), last);
    }
    const Values known_before = turn.empty() ? before : turned(turn, before, true);
    const Values known_after = turn.empty() ? found : turned(turn, found, true);
    for (std::size_t k = 0; k < section.states; ++k) {
      before_[section.first + k] = known_before[k];
      after_[section.first + k] = known_after[k];
    }
  }

  /// The states after each frame: what the lanes below add, doubled step by step, and what was before the vector.
  Values scanned(std::size_t s, const Values& offsets, const Values& carry) {
    const std::size_t n = offsets.size();
    const Value zero = b_.number({Scalar::f32, true}, 0);
    std::vector<ir::Local> sums;
    for (const Value x : offsets) sums.push_back(b_.local("sum", x));
    each_step(b_, [&](int step, int by) {
      Values below, sum;
      for (const ir::Local& x : sums) below.push_back(b_.shift_up(x.get(), by, zero));
      for (std::size_t k = 0; k < n; ++k) {
        sum.push_back(sums[k].get());
        for (std::size_t j = 0; j < n; ++j) {
          const Value power = b_.load(buffers_.powers[s], whole(b_, step_element(step, k * n + j)), false);
          sum[k] = sum[k] + b_.broadcast(power) * below[j];
        }
      }
      for (std::size_t k = 0; k < n; ++k) sums[k].set(sum[k]);
    });
    Values after;
    for (std::size_t k = 0; k < n; ++k) {
      after.push_back(sums[k].get());
      for (std::size_t j = 0; j < n; ++j)
        after[k] = after[k] + b_.load(buffers_.powers[s], whole(b_, lane_element(k * n + j)), true) * carry[j];
    }
    return after;
  }

  Value index(std::size_t k) const { return whole(b_, static_cast<std::int64_t>(k)); }

  const Recurrence& recurrence_;
  const Cascade& system_;
  const CascadeBuffers& buffers_;
  ir::Builder& b_;
  const Value input_, to_;
  CascadeBody body_;
  Values before_, after_;  ///< by state: wide, of each frame of the vector, in their own coordinates
};

}  // namespace

Values write_cascade_scans(const Recurrence& recurrence, const Cascade& system, const CascadeBuffers& buffers,
                           ir::Builder& builder, Value input, Value to) {
  return SectionScans(recurrence, system, buffers, builder, input, to).write();
}

}  // namespace dgen::lower

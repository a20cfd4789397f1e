#include "lower/skewed_states.h"

#include "lower/access.h"
#include "lower/cascade_body.h"
#include "lower/scan_powers.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;
using Values = std::vector<Value>;

namespace {

/// Element of row `k` for a section.
Value place(ir::Builder& b, const SkewedPlaces& places, std::size_t section, std::size_t k) {
  return whole(b, static_cast<std::int64_t>(k) * skewed_places + places.of(static_cast<std::int64_t>(section)));
}

/// Runs `body` for vectors of places.
void each_place(ir::Builder& b, const std::function<void(const std::function<Value(int buffer, std::int64_t row)>& load,
                                                         const std::function<void(int, std::int64_t, Value)>& store)>& body) {
  b.loop(whole(b, 0), whole(b, skewed_places), true, [&](Value i) {
    body([&](int buffer, std::int64_t row) { return b.load(buffer, i + whole(b, row * skewed_places), true); },
         [&](int buffer, std::int64_t row, Value x) { b.store(buffer, i + whole(b, row * skewed_places), x); });
  });
}

}  // namespace

void keep_own_states(ir::Builder& b, const Cascade& system, const SkewedBuffers& buffers) {
  each_place(b, [&](const auto& load, const auto& store) {
    Values base;
    for (std::int64_t k = 0; k < 2; ++k) base.push_back(convert(Scalar::f64, load(buffers.base, k)));
    const Values own = turned({load(buffers.turns, 0), load(buffers.turns, 1)}, base, true);
    for (std::int64_t k = 0; k < 2; ++k) store(buffers.own, k, own[static_cast<std::size_t>(k)]);
  });
  const SkewedPlaces places(system);
  for (std::size_t s = 0; s < system.sections.size(); ++s) {
    for (std::size_t k = 0; k < system.sections[s].states; ++k) {
      const Value state = b.load(buffers.own, place(b, places, s, k), false);
      b.store(buffers.state[system.sections[s].first + k], whole(b, 0), state);
    }
  }
}

void begin_block_at_own_states(ir::Builder& b, const Cascade& system, const SkewedBuffers& buffers) {
  const SkewedPlaces places(system);
  for (std::size_t s = 0; s < system.sections.size(); ++s) {
    for (std::size_t k = 0; k < system.sections[s].states; ++k) {
      const Value state = b.load(buffers.state[system.sections[s].first + k], whole(b, 0), false);
      b.store(buffers.own, place(b, places, s, k), state);
    }
  }
  each_place(b, [&](const auto& load, const auto& store) {
    const Values matrix{load(buffers.numbers, a00), load(buffers.numbers, a01), load(buffers.numbers, a10),
                        load(buffers.numbers, a11)};
    const Value pair = load(buffers.numbers, two_states) != 0.0;
    Values own{used_state(load(buffers.own, 0), matrix, 0, 2), select(pair, used_state(load(buffers.own, 1), matrix, 1, 2), 0.0)};
    own = turned({load(buffers.turns, 0), load(buffers.turns, 1)}, own, false);
    for (std::int64_t k = 0; k < 2; ++k) store(buffers.base, k, convert(Scalar::f32, own[static_cast<std::size_t>(k)]));
  });
  b.store(buffers.done, whole(b, 0), whole(b, 0));
}

void step_own_states(ir::Builder& b, const Recurrence& recurrence, const SkewedBuffers& buffers, Value input) {
  Values now;
  for (const int state : buffers.state) now.push_back(b.load(state, whole(b, 0), false));
  step_cascade(recurrence, buffers.kept, b, input, now);
  for (std::size_t k = 0; k < now.size(); ++k) b.store(buffers.state[k], whole(b, 0), now[k]);
}

}  // namespace dgen::lower

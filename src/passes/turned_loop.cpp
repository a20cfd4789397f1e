#include "passes/turned_loop.h"

#include <iterator>
#include <span>

#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"

namespace dgen::passes {

namespace {

/// Of a loop's states: the values before and after a frame, and what is kept.
struct Step {
  std::vector<Signal> before, after, kept;
};

/// m: coefficients, x: offsets, as `turned` leaves them.
Step step_of(std::span<const Signal> m, std::span<const Signal> x, std::span<const Signal> state) {
  if (state.size() == 1) {
    const Signal after = state[0] + (m[0] * state[0] + x[0]);
    return {{state[0]}, {after}, {after}};
  }
  if (x.size() == 1) {  // of a companion; its u is known since the frame before
    const Signal v = state[0], w = state[1], u = w + v;
    const Signal step = v + (m[1] * v + (m[0] * w + x[0]));
    return {{u, w}, {u + step, u}, {step, u}};
  }
  const Signal u = state[0], v = state[1];
  const Signal next = u + (m[0] * u + (m[1] * v + x[0])), difference = v + (m[3] * v + (m[2] * u + (x[0] - x[1])));
  return {{u, u - v}, {next, next - difference}, {next, difference}};
}

}  // namespace

bool is_companion(const Graph& graph, const AffineLoop& loop) {
  const auto is = [&](int id, double number) {
    return graph[id].op->kind == Kind::constant && graph[id].attributes.value == number;
  };
  return loop.states == 2 && is(loop.matrix[2], 1) && is(loop.matrix[3], 0) && is(loop.offset[1], 0);
}

LoopRows turned(const LoopRows& rows, bool companion) {
  const std::vector<Signal>& m = rows.matrix;
  if (m.size() == 1) return {{m[0] - 1.0}, rows.offset, rows.initial};
  const Signal a = m[0] + m[1] - 1.0, difference = rows.initial[0] - rows.initial[1];
  if (companion) return {{a, m[0] - 2.0}, rows.offset, {difference, rows.initial[1]}};
  return {{a, -m[1], m[0] + m[1] - m[2] - m[3], m[3] - m[1] - 1.0}, rows.offset, {rows.initial[0], difference}};
}

Signal as_row(Graph& out, Signal initial, const Shape& shape) {
  const Node& node = out[initial.id];
  if (node.op->kind != Kind::constant) return expand(initial, shape);
  return tensor(out, std::vector<double>(static_cast<std::size_t>(shape.elements()), node.attributes.value), shape);
}

TurnedLoop turned_loop(Graph& out, const Recurrence& original, const AffineLoop& loop, const LoopRows& rows, const Shape& shape) {
  auto made = std::make_shared<Recurrence>();
  made->body = std::make_unique<Graph>();
  made->states = original.states;
  const bool one_offset = rows.matrix.size() < 4;
  if (loop.states == 2) made->states[difference_state(one_offset)].name += difference_suffix;
  std::vector<Signal> inputs;
  const auto arguments = [&](std::span<const Signal> given) {
    std::vector<Signal> made_here;
    for (const Signal x : given) {
      made_here.push_back(made->body->typed(ops::argument, out[x.id].type, {.size = std::ssize(inputs)}));
      inputs.push_back(x);
    }
    return made_here;
  };
  const std::vector<Signal> m = arguments(rows.matrix), x = arguments(std::span(rows.offset).first(one_offset ? 1 : 2));
  std::vector<Signal> state;
  for (std::size_t k = 0; k < loop.states; ++k) {
    const Type row{.clock = Clock::frame, .shape = shape};
    state.push_back(made->body->typed(ops::state, row, {.size = static_cast<std::int64_t>(k)}, made->states[k].name));
  }
  const Step step = step_of(m, x, state);
  for (std::size_t k = 0; k < loop.states; ++k) {
    RecurrenceState& own = made->states[k];
    own.node = state[k].id, own.next = expand(step.kept[k], shape).id;
    own.initial = static_cast<int>(inputs.size());
    inputs.push_back(as_row(out, rows.initial[k], shape));
  }
  for (const AffineLoop::Result& result : loop.results)
    made->results.push_back((result.after ? step.after : step.before)[result.state].id);
  return {std::move(made), std::move(inputs)};
}

}  // namespace dgen::passes

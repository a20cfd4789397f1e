#include "passes/turned_loop.h"

#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"

namespace dgen::passes {

namespace {

bool is_number(Signal s, double number) {
  const Node& node = (*s.graph)[s.id];
  return node.op->kind == Kind::constant && node.attributes.value == number;
}

/// Whether the second state is the first of the frame before, as in a resonator.
bool is_companion(const LoopRows& rows) {
  return rows.matrix.size() == 4 && is_number(rows.matrix[2], 1) && is_number(rows.matrix[3], 0) && is_number(rows.offset[1], 0);
}

/// a, b, x and, where they differ, c, d, y; then initial values.
std::vector<Signal> coefficients(Graph& out, const LoopRows& rows, const Shape& shape) {
  const std::vector<Signal>& m = rows.matrix;
  if (m.size() == 1) return {m[0] - 1.0, rows.offset[0], as_row(out, rows.initial[0], shape)};
  const bool companion = is_companion(rows);
  std::vector<Signal> given{m[0] + m[1] - 1.0, companion ? -1.0 - m[1] : -m[1], rows.offset[0]};
  if (!companion) {
    given.push_back(m[0] + m[1] - m[2] - m[3]);
    given.push_back(m[3] - m[1] - 1.0);  // as a float, what is near 1 would lose what it is short of 1
    given.push_back(rows.offset[1]);
  }
  given.push_back(as_row(out, rows.initial[0], shape));
  given.push_back(as_row(out, rows.initial[0] - rows.initial[1], shape));
  return given;
}

}  // namespace

Signal as_row(Graph& out, Signal initial, const Shape& shape) {
  const Node& node = out[initial.id];
  if (node.op->kind != Kind::constant) return expand(initial, shape);
  return tensor(out, std::vector<double>(static_cast<std::size_t>(shape.elements()), node.attributes.value), shape);
}

TurnedLoop turned_loop(Graph& out, const Recurrence& original, const AffineLoop& loop, const LoopRows& rows, const Shape& shape) {
  const std::vector<Signal> given = coefficients(out, rows, shape);
  auto made = std::make_shared<Recurrence>();
  made->body = std::make_unique<Graph>();
  Graph& body = *made->body;
  made->states = original.states;
  std::vector<Signal> x, state, next;
  for (std::size_t k = 0; k < given.size(); ++k)
    x.push_back(body.typed(ops::argument, out[given[k].id].type, {.size = static_cast<std::int64_t>(k)}));
  for (std::size_t k = 0; k < loop.states; ++k) {
    const Type row{.clock = Clock::frame, .shape = shape};
    state.push_back(body.typed(ops::state, row, {.size = static_cast<std::int64_t>(k)}, made->states[k].name));
  }
  if (loop.states == 1) {
    next = {state[0] + (x[0] * state[0] + x[1])};
  } else if (is_companion(rows)) {
    // a u + v + (b - 1) v + x, in which u comes last: it waits for the v of the frame before.
    const Signal step = state[1] + (x[0] * state[0] + (x[1] * state[1] + x[2]));
    next = {state[0] + step, step};
  } else {
    next = {state[0] + (x[0] * state[0] + (x[1] * state[1] + x[2])),
            state[1] + (x[4] * state[1] + (x[3] * state[0] + (x[2] - x[5])))};
  }
  for (std::size_t k = 0; k < loop.states; ++k) {
    RecurrenceState& own = made->states[k];
    own.node = state[k].id, own.next = expand(next[k], shape).id;
    own.initial = static_cast<int>(given.size() - loop.states + k);
  }
  for (const AffineLoop::Result& result : loop.results) {
    const std::vector<Signal>& values = result.after ? next : state;
    made->results.push_back(result.state == 0 ? values[0].id : (values[0] - values[1]).id);
  }
  return {std::move(made), given};
}

}  // namespace dgen::passes

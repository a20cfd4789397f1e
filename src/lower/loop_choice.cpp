#include "lower/loop_choice.h"

#include <algorithm>

#include "base/index.h"

namespace dgen::lower {

namespace {

using Side = LoopChoice::Side;

/// The condition of every next state; -1 where they have none in common, or it comes of a computation in the loop.
int common_condition(const Recurrence& recurrence) {
  const Graph& body = *recurrence.body;
  int common = -1;
  for (const RecurrenceState& state : recurrence.states) {
    if (state.form != RecurrenceState::Form::cell || !body[state.next].op->choice) return -1;
    const int condition = body[state.next].inputs[0];
    if (body[condition].op->kind != Kind::argument || (common >= 0 && condition != common)) return -1;
    common = condition;
  }
  return common;
}

/// Marks what the value of `id` needs.
void need(const Graph& body, int id, Side by, std::vector<std::optional<Side>>& side) {
  const Kind kind = body[id].op->kind;
  const bool given = kind == Kind::argument || kind == Kind::state || kind == Kind::constant;
  std::optional<Side>& known = side[at(id)];
  const Side found = given || by == Side::before || known == Side::before ? Side::before
                     : known.value_or(by) == by                           ? by
                                                                          : Side::either;
  if (known == found) return;
  known = found;
  for (const int x : body[id].inputs) need(body, x, found, side);
}

}  // namespace

std::optional<LoopChoice> choice_of_loop(const Recurrence& recurrence) {
  const Graph& body = *recurrence.body;
  const int condition = common_condition(recurrence);
  const auto plain = [](const Node& node) {
    const Kind kind = node.op->kind;
    return node.type.dtype == DType::signal &&
           (kind == Kind::pointwise || kind == Kind::argument || kind == Kind::state || kind == Kind::constant);
  };
  const auto nodes = body.nodes();
  if (condition < 0 || !std::all_of(nodes.begin(), nodes.end(), plain)) return {};
  std::vector<std::optional<Side>> side(nodes.size());
  for (const RecurrenceState& state : recurrence.states) side[at(state.next)] = Side::chosen;
  for (const int result : recurrence.results) {
    if (side[at(result)] != Side::chosen) need(body, result, Side::before, side);
  }
  for (const RecurrenceState& state : recurrence.states) {
    need(body, body[state.next].inputs[1], Side::taken, side);
    need(body, body[state.next].inputs[2], Side::otherwise, side);
  }
  for (const RecurrenceState& state : recurrence.states) {
    if (side[at(state.next)] != Side::chosen) return {};  // part of what another state becomes, or of a result
  }
  LoopChoice made{.condition = condition};
  for (const std::optional<Side> needed : side) made.side.push_back(needed.value_or(Side::before));
  return made;
}

}  // namespace dgen::lower

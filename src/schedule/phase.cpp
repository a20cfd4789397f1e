#include "schedule/phase.h"

#include <algorithm>
#include <cmath>

#include "base/index.h"
#include "graph/turns.h"
#include "schedule/row_nodes.h"

namespace dgen::schedule {

namespace {

/// The constant that body node `id` is, directly or as an argument.
std::optional<double> constant_of(const Graph& graph, int recur, int id) {
  const Node& inner = (*graph[recur].attributes.recurrence->body)[id];
  if (inner.op->kind == Kind::constant) return inner.attributes.value;
  if (inner.op->kind != Kind::argument) return {};
  const Node& outer = graph[graph[recur].inputs[static_cast<std::size_t>(inner.attributes.size)]];
  if (outer.op->kind != Kind::constant) return {};
  return outer.attributes.value;
}

/// The outer node that body node `id` is an argument for; -1 where it is none.
int outer_of(const Graph& graph, int recur, int id) {
  const Node& inner = (*graph[recur].attributes.recurrence->body)[id];
  return inner.op->kind == Kind::argument ? graph[recur].inputs[static_cast<std::size_t>(inner.attributes.size)] : -1;
}

bool is_small_power_of_two(double range) {
  int exponent = 0;
  return std::frexp(range, &exponent) == 0.5 && range <= 2 && range >= 0x1p-20;
}

/// What phases start at, where that is one constant.
std::optional<double> constant_start(const Node& initial) {
  if (initial.op->kind == Kind::constant) return initial.attributes.value;
  if (initial.op->kind != Kind::tensor) return {};
  const std::vector<double>& values = *initial.attributes.table;
  const bool same = std::all_of(values.begin(), values.end(), [&](double x) { return x == values[0]; });
  return same ? std::optional(values[0]) : std::nullopt;
}

/// Of numbers, or of rows of them.
std::optional<PhaseAccumulator> recognise(const Graph& graph, int recur) {
  const Recurrence& recurrence = *graph[recur].attributes.recurrence;
  if (recurrence.states.size() != 1 || recurrence.states[0].form != RecurrenceState::Form::cell) return {};
  const Graph& body = *recurrence.body;
  const RecurrenceState& state = recurrence.states[0];
  PhaseAccumulator found;
  int wrapped = state.next;
  if (body[wrapped].op->choice) {
    found.restart = outer_of(graph, recur, body[wrapped].inputs[0]);
    if (found.restart < 0) return {};
    const std::optional<double> restarted = constant_of(graph, recur, body[wrapped].inputs[1]);
    wrapped = body[wrapped].inputs[2];
    if (!restarted || !body[wrapped].op->modular || restarted != constant_of(graph, recur, body[wrapped].inputs[1])) return {};
  }
  if (!body[wrapped].op->modular) return {};
  const Node& sum = body[body[wrapped].inputs[0]];
  if (!sum.op->additive || (sum.inputs[0] == state.node) == (sum.inputs[1] == state.node)) return {};
  const int step = sum.inputs[0] == state.node ? sum.inputs[1] : sum.inputs[0];
  found.increment = outer_of(graph, recur, step);
  if (found.increment < 0) {
    const std::optional<double> constant = constant_of(graph, recur, step);
    if (!constant) return {};
    found.step = *constant;
  }
  const std::optional<double> min = constant_of(graph, recur, body[wrapped].inputs[1]),
                              max = constant_of(graph, recur, body[wrapped].inputs[2]);
  const std::optional<double> initial = constant_start(graph[graph[recur].inputs[at(state.initial)]]);
  if (!min || !max || !initial) return {};
  found.min = *min, found.max = *max, found.initial = *initial;
  if (!(found.min <= found.initial && found.initial < found.max) || !is_small_power_of_two(found.max - found.min)) return {};
  for (const int result : recurrence.results) {
    if (result != state.node && result != state.next) return {};
    found.next.push_back(result == state.next);
  }
  return found;
}

}  // namespace

std::optional<PhaseAccumulator> phase_accumulator(const Graph& graph, int recur) {
  return is_shaped_loop(graph, recur) ? std::nullopt : recognise(graph, recur);
}

std::optional<PhaseAccumulator> row_phase(const Graph& graph, int recur) {
  if (!is_shaped_loop(graph, recur) || loop_elements(graph, recur) == 1) return {};
  const std::optional<PhaseAccumulator> found = recognise(graph, recur);
  const auto fits = [&](int id) {
    if (id < 0) return true;
    const std::int64_t elements = graph[id].type.shape.elements();
    return elements == 1 || elements == loop_elements(graph, recur);
  };
  return found && fits(found->increment) && fits(found->restart) ? found : std::nullopt;
}

bool has_known_steps(const Graph& graph, const PhaseAccumulator& phase) {
  if (phase.increment < 0) return true;
  const Node& increment = graph[phase.increment];
  return increment.type.clock <= Clock::control && (increment.type.shape.rank == 0 || increment.type.shape.elements() > 1);
}

std::optional<Oscillator> oscillator(const Graph& graph, int id) {
  const std::optional<Turns> sine = sine_of_turns(graph, id);
  if (!sine || graph[sine->of].op->kind != Kind::result) return {};
  const Node& state = graph[sine->of];
  const std::optional<PhaseAccumulator> phase = phase_accumulator(graph, state.inputs[0]);
  if (!phase || !is_steady(graph, *phase)) return {};
  const double range = phase->max - phase->min;
  if (!(std::fabs(sine->factor * range - 1) < 1e-12)) return {};
  const double offset = phase->min / range + sine->offset;
  return Oscillator{.recur = state.inputs[0],
                    .next = phase->next[static_cast<std::size_t>(state.attributes.size)],
                    .offset = offset - std::floor(offset)};
}

bool is_steady(const Graph& graph, const PhaseAccumulator& phase) {
  return phase.restart < 0 && (phase.increment < 0 || graph[phase.increment].type.clock <= Clock::control);
}

}  // namespace dgen::schedule

#include "lower/row_loop.h"

#include <algorithm>

#include "base/index.h"
#include "dgen/math.h"
#include "lower/pointwise.h"
#include "schedule/row_nodes.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// A constant row is copied in loads that nothing may join: gcc 12 makes one copy of known bytes of the loop, and for AVX-512
/// writes {a, b, a, b, …} for a vector that only begins so.
void start_state(RowContext& rows, int buffer, int initial, std::int64_t count) {
  ir::Builder& b = rows.builder;
  const bool is_table = rows.g[initial].op->kind == Kind::tensor;
  rows.value.clear();
  if (count == 1) {
    b.store(buffer, rows.whole(0), rows.of(initial, rows.whole(0), 1));
  } else {
    b.loop(rows.whole(0), rows.whole(count), true, [&](Value e) {
      rows.value.clear();
      b.store(buffer, e, is_table ? b.load_once(rows.row(initial).buffer, e) : b.broadcast(rows.of(initial, e, count)));
    });
  }
  rows.value.clear();
}

/// By node of a body whose inputs are states only: the node that computes the same of the states' next values, which is its value
/// a tick later; else -1. It has to be the same to the last bit as what a block's beginning computes of the states: compilers may
/// join a product, a negated one too, with the node into one rounding, and a `diffused` sum is rounded in a way of its own. Such
/// nodes are computed anew.
std::vector<int> nodes_known_ahead(const Recurrence& recurrence, const std::map<int, DiffusedStep>& diffused) {
  const Graph& body = *recurrence.body;
  std::vector<int> next(at(body.size()), -1), known(at(body.size()), -1);
  for (const RecurrenceState& state : recurrence.states) next[at(state.node)] = state.next;
  for (int id = 0; id < body.size(); ++id) {
    const Node& node = body[id];
    const auto is_state = [&](int x) { return next[at(x)] >= 0; };
    if (node.op->kind != Kind::pointwise || !std::ranges::all_of(node.inputs, is_state)) continue;
    std::vector<int> later;
    for (const int x : node.inputs) later.push_back(next[at(x)]);
    const auto is_rounded = [&](int x) { return body[x].op == &ops::add || body[x].op == &ops::sub || is_state(x); };
    if (!std::ranges::all_of(later, is_rounded)) continue;
    const auto same = [&](const Node& other) { return other.op == node.op && other.inputs == later; };
    const auto found = std::ranges::find_if(body.nodes(), same);
    if (found == body.nodes().end()) continue;
    const auto place = static_cast<int>(found - body.nodes().begin());
    if (!diffused.contains(place)) known[at(id)] = place;
  }
  return known;
}

}  // namespace

void start_loop(RowContext& rows, int recur) {
  const Recurrence& recurrence = *rows.g[recur].attributes.recurrence;
  const auto initial_of = [&](std::size_t k) { return rows.g[recur].inputs[at(recurrence.states[k].initial)]; };
  std::vector<std::size_t> starts;
  for (std::size_t k = 0; k < recurrence.states.size(); ++k) {
    if (recurrence.states[k].form != RecurrenceState::Form::cell) continue;
    const Node& initial = rows.g[initial_of(k)];
    const bool zero = initial.op->kind == Kind::constant && initial.attributes.value == 0;
    if (!rows.backward && !zero) starts.push_back(k);
  }
  if (starts.empty()) return;
  ir::Builder& b = rows.builder;
  const Value position = rows.ticks.position, tick = rows.ticks.first_tick();
  b.branch(position == like(position, 0), [&] {
    b.branch(tick == rows.whole(0), [&] {
      rows.ticks.at(rows.whole(0));
      for (const std::size_t k : starts) {
        const int buffer = rows.buffers.state.at({recur, static_cast<int>(k)});
        start_state(rows, buffer, initial_of(k), elements_of(*recurrence.body, recurrence.states[k].node));
      }
    });
  });
}

SeparateLoop::SeparateLoop(RowContext& rows, int recur)
    : rows_(rows), b_(rows.builder), recur_(recur), recurrence_(*rows.g[recur].attributes.recurrence),
      count_(schedule::loop_elements(rows.g, recur)), phase_(schedule::row_phase(rows.g, recur)),
      diffused_(diffused_steps(rows.g, recur)), known_ahead_(nodes_known_ahead(recurrence_, diffused_)) {
  for (const int id : rows.stage.nodes) {
    const Node& node = rows.g[id];
    if (node.op->kind == Kind::result && node.inputs[0] == recur) results_.push_back(id);
  }
}

void SeparateLoop::load(Value e) {
  if (advances_steadily()) {
    phases_.emplace(*phase_, b_.load(state_buffer(0), e, true), b_.load(rows_.buffers.row_steps.at(recur_), e, true), b_);
    return;
  }
  states_.clear();
  for (std::size_t k = 0; k < recurrence_.states.size(); ++k)
    states_.push_back(b_.local("s" + std::to_string(k), b_.load(state_buffer(k), e, true)));
  if (phase_) return load_step(e);
  const Graph& body = *recurrence_.body;
  resting_.assign(at(body.size()), {});
  rows_.value.clear();
  for (int id = 0; id < body.size(); ++id) {
    const Node& node = body[id];
    if (node.op->kind == Kind::tensor) resting_[at(id)] = b_.load(rows_.buffers.constant_row(*node.attributes.table), e, true);
    if (node.op->kind != Kind::argument) continue;
    const int given = rows_.g[recur_].inputs[static_cast<std::size_t>(node.attributes.size)];
    if (!moves(rows_.g[given].type)) resting_[at(id)] = b_.broadcast(rows_.of(given, e, count_));
  }
  rows_.value.clear();
  load_ahead();
}

void SeparateLoop::load_ahead() {
  const Graph& body = *recurrence_.body;
  const auto value = [&](int id) { return states_[static_cast<std::size_t>(body[id].attributes.size)].get(); };
  ahead_.clear();
  for (int id = 0; id < body.size(); ++id) {
    if (known_ahead_[at(id)] >= 0) ahead_.emplace(id, b_.local("ahead", lower_frame_node(body, id, b_, value)));
  }
}

/// Phases that nothing restarts, by steps that rest.
bool SeparateLoop::advances_steadily() const { return phase_ && phase_->restart < 0 && rows_.buffers.row_steps.contains(recur_); }

/// The step of phases, where it rests.
void SeparateLoop::load_step(Value e) {
  if (const auto known = rows_.buffers.row_steps.find(recur_); known != rows_.buffers.row_steps.end()) {
    step_ = b_.load(known->second, e, true);
  } else if (!moves(rows_.g[phase_->increment].type)) {
    rows_.value.clear();
    step_ = step_of_row(e);
    rows_.value.clear();
  }
}

Value SeparateLoop::step_of_row(Value e) {
  return fixed_step(*phase_, convert(Scalar::f64, b_.broadcast(rows_.of(phase_->increment, e, count_))));
}

void SeparateLoop::tick(Value e) {
  if (phases_) {
    const RowPhaseWriter::States states = phases_->tick();
    return show_phases(states.before, states.after);
  }
  if (phase_) return phase_tick(e);
  const Graph& body = *recurrence_.body;
  std::vector<Value> value(at(body.size()));
  for (int id = 0; id < body.size(); ++id) value[at(id)] = b_.broadcast(element(id, value, e));
  for (const int result : results_) {
    const auto number = static_cast<std::size_t>(rows_.g[result].attributes.size);
    rows_.value[result] = value[at(recurrence_.results[number])];
  }
  for (std::size_t k = 0; k < states_.size(); ++k) states_[k].set(value[at(recurrence_.states[k].next)]);
  for (auto& [id, local] : ahead_) local.set(value[at(known_ahead_[at(id)])]);
}

void SeparateLoop::phase_tick(Value e) {
  const Value before = states_[0].get();
  Value after = before + (step_.builder ? step_ : step_of_row(e));
  if (phase_->restart >= 0) {
    const Value at_min = b_.integer({Scalar::u64, false}, -static_cast<std::int64_t>(first_phase(*phase_)));
    after = select(b_.broadcast(rows_.of(phase_->restart, e, count_)) != 0.0, at_min, after);
  }
  show_phases(phase_state(*phase_, before), phase_state(*phase_, after));
  states_[0].set(after);
}

void SeparateLoop::show_phases(Value before, Value after) {
  for (const int result : results_) {
    const bool next = phase_->next[static_cast<std::size_t>(rows_.g[result].attributes.size)];
    rows_.value[result] = next ? after : before;
  }
}

Value SeparateLoop::element(int id, const std::vector<Value>& value, Value e) {
  const Node& node = (*recurrence_.body)[id];
  if (resting_[at(id)].builder) return resting_[at(id)];
  if (const auto known = ahead_.find(id); known != ahead_.end()) return known->second.get();
  if (const auto step = diffused_.find(id); step != diffused_.end()) return diffused(step->second, value, e);
  const auto number = static_cast<std::size_t>(node.attributes.size);
  if (node.op->kind == Kind::constant) return b_.number({Scalar::f32, true}, node.attributes.value);
  if (node.op->kind == Kind::argument) return rows_.of(rows_.g[recur_].inputs[number], e, count_);
  if (node.op->kind == Kind::state) return states_[number].get();
  if (node.op->kind != Kind::pointwise) return value[at(node.inputs[0])];
  return lower_frame_node(*recurrence_.body, id, b_, [&](int x) { return value[at(x)]; });
}

Value SeparateLoop::diffused(const DiffusedStep& step, const std::vector<Value>& value, Value e) {
  const Value factor = b_.load(rows_.buffers.diffused.at(step.coefficient), diffused_place(b_, e, rows_.ticks.frame), true);
  return factor * value[at(step.state)] + value[at(step.rest)];
}

void SeparateLoop::store(Value e) {
  if (phases_) return b_.store(state_buffer(0), e, phases_->kept());
  for (std::size_t k = 0; k < states_.size(); ++k) b_.store(state_buffer(k), e, states_[k].get());
}

}  // namespace dgen::lower

#include "lower/recurrence_writer.h"

#include <algorithm>

#include "base/index.h"
#include "dgen/error.h"
#include "graph/table_size.h"
#include "lower/access.h"
#include "lower/pointwise.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;
using Form = RecurrenceState::Form;

namespace {

constexpr std::ptrdiff_t many_coefficients = 8;  ///< that change per frame

std::ptrdiff_t count_coefficients(const Graph& body) {
  const auto nodes = body.nodes();
  return std::count_if(nodes.begin(), nodes.end(), [](const Node& node) {
    return node.op->kind == Kind::argument && node.type.dtype == DType::signal && node.type.clock > Clock::control;
  });
}

}  // namespace

RecurrenceWriter::RecurrenceWriter(const Graph& graph, int recur, const Buffers& buffers, ir::Builder& builder)
    : graph_(graph), recur_(recur), recurrence_(*graph[recur].attributes.recurrence), body_(*recurrence_.body), buffers_(buffers),
      builder_(builder), locals_(recurrence_.states.size()), choice_(choice_of_loop(recurrence_)),
      coefficients_(count_coefficients(body_)) {}

bool RecurrenceWriter::starts_at_value(std::size_t k, bool per_frame) const {
  const RecurrenceState& state = recurrence_.states[k];
  if (state.form != Form::cell) return false;
  if (builder_.module().run == ir::Run::backward) return false;  // adjoints start at zero
  const Node& initial = graph_[graph_[recur_].inputs[at(state.initial)]];
  if ((initial.type.clock > Clock::control) != per_frame) return false;
  return initial.op->kind != Kind::constant || initial.attributes.value != 0;
}

void RecurrenceWriter::begin_cell(std::size_t k) {
  if (recurrence_.states[k].form != Form::cell) return;
  locals_[k] = builder_.local("s" + std::to_string(k), builder_.load(state_buffer(k), whole(builder_, 0), false));
}

RecurrenceWriter::TablePlace RecurrenceWriter::table_place(int id) const {
  while (body_[id].op->kind == Kind::scatter) id = body_[id].inputs[0];
  const auto number = static_cast<std::size_t>(body_[id].attributes.size);
  if (body_[id].op->kind == Kind::state) return {state_buffer(number), recurrence_.states[number].size};
  const int outside = graph_[recur_].inputs[number];
  return {buffers_.table.at(outside), table_size(graph_[outside].attributes)};
}

/// clang packs the states of a loop with many coefficients into a vector, and gathers it from as many buffers in each frame.
void RecurrenceWriter::keep(std::size_t k, Value next) {
  locals_[k].set(coefficients_ < many_coefficients ? next : rounded(next));
}

void RecurrenceWriter::choose(Value frame, std::vector<Value>& value) {
  const auto write_side = [&](LoopChoice::Side side) {
    for (int id = 0; id < body_.size(); ++id) {
      if (choice_->side[at(id)] == side || choice_->side[at(id)] == LoopChoice::Side::either)
        value[at(id)] = compute(id, frame, value);
    }
    std::vector<Value> next;
    for (const RecurrenceState& state : recurrence_.states)
      next.push_back(value[at(body_[state.next].inputs[side == LoopChoice::Side::taken ? 1 : 2])]);
    for (std::size_t k = 0; k < next.size(); ++k) keep(k, next[k]);
  };
  builder_.likely_branch(
      value[at(choice_->condition)] == 0.0, [&] { write_side(LoopChoice::Side::otherwise); },
      [&] { write_side(LoopChoice::Side::taken); });
  for (std::size_t k = 0; k < locals_.size(); ++k) value[at(recurrence_.states[k].next)] = locals_[k].get();
}

Value RecurrenceWriter::compute(int id, Value frame, const std::vector<Value>& value) {
  const Node& node = body_[id];
  switch (node.op->kind) {
    case Kind::constant: return builder_.number({Scalar::f32, false}, node.attributes.value);
    case Kind::state: {
      const auto k = static_cast<std::size_t>(node.attributes.size);
      return recurrence_.states[k].form == Form::cell ? locals_[k].get() : Value{};
    }
    case Kind::pointwise: return lower_frame_node(body_, id, builder_, [&](int x) { return value[at(x)]; });
    case Kind::line_read: {
      const auto k = static_cast<std::size_t>(body_[node.inputs[0]].attributes.size);
      const std::int64_t size = recurrence_.states[k].size;
      const Value back = whole_frames(value[at(node.inputs[1])], 1, std::max<std::int64_t>(1, size));
      const Value index = (frame - back) & whole(builder_, power_of_two_above(size + 1) - 1);
      return builder_.load(state_buffer(k), index, false);
    }
    case Kind::gather: return gathered(id, value);
    case Kind::scatter: scatter(id, value); return {};
    case Kind::argument: return {};  // a table
    case Kind::param:
    case Kind::input:
    case Kind::sample_rate:
    case Kind::frame_index:
    case Kind::noise:
    case Kind::reduce:
    case Kind::tensor:
    case Kind::window:
    case Kind::overlap_add:
    case Kind::hold:
    case Kind::expand:
    case Kind::contract:
    case Kind::reshape:
    case Kind::outer:
    case Kind::linear:
    case Kind::view:
    case Kind::view_sum:
    case Kind::matmul:
    case Kind::cumulate:
    case Kind::extremum:
    case Kind::take:
    case Kind::scatter_add:
    case Kind::fft:
    case Kind::delay:
    case Kind::table:
    case Kind::cell:
    case Kind::line:
    case Kind::handle:
    case Kind::sequence:
    case Kind::recur:
    case Kind::result:
    case Kind::composite: break;
  }
  throw InternalError("internal error, this must hold: a recurrence body has no " + std::string(node.op->name));
}

Value RecurrenceWriter::gathered(int id, const std::vector<Value>& value) {
  const Node& node = body_[id];
  const TablePlace table = table_place(node.inputs[0]);
  const TableIndex found = table_index(value[at(node.inputs[1])], table.size, node.attributes.bound);
  const Value element = builder_.load(table.buffer, found.index, false);
  return found.inside.builder ? select(found.inside, element, 0.0) : element;
}

void RecurrenceWriter::scatter(int id, const std::vector<Value>& value) {
  const Node& node = body_[id];
  const TablePlace table = table_place(id);
  const TableIndex found = table_index(value[at(node.inputs[1])], table.size, Bound::zero);
  builder_.branch(found.inside, [&] { builder_.store(table.buffer, found.index, value[at(node.inputs[2])]); });
}

std::vector<Value> RecurrenceWriter::finish_frame(Value frame, const std::vector<Value>& value) {
  for (std::size_t k = 0; k < recurrence_.states.size(); ++k) {
    const RecurrenceState& state = recurrence_.states[k];
    if (state.form == Form::cell && !choice_) keep(k, value[at(state.next)]);
    if (state.form != Form::ring) continue;
    builder_.store(state_buffer(k), frame & whole(builder_, power_of_two_above(state.size + 1) - 1), value[at(state.next)]);
  }
  std::vector<Value> results;
  for (const int result : recurrence_.results) results.push_back(value[at(result)]);
  return results;
}

void RecurrenceWriter::end() {
  for (std::size_t k = 0; k < recurrence_.states.size(); ++k) {
    if (recurrence_.states[k].form == Form::cell) builder_.store(state_buffer(k), whole(builder_, 0), locals_[k].get());
  }
}

}  // namespace dgen::lower

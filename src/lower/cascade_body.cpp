#include "lower/cascade_body.h"

#include "dgen/error.h"
#include "lower/access.h"
#include "lower/pointwise.h"
#include "lower/scan_powers.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

Value CascadeBody::of(int id) {
  if (const auto known = value_.find(id); known != value_.end()) return known->second;
  const Node& node = body_[id];
  if (const Value given = given_(id); given.builder) return value_[id] = given;
  if (node.op->kind == Kind::constant) return value_[id] = b_.number(type_, node.attributes.value);
  check(node.op->kind == Kind::pointwise, "the body of a cascade is pointwise but for its states and arguments");
  std::vector<Value> x;
  for (const int input : node.inputs) {
    const Value value = of(input);
    x.push_back(type_.wide ? b_.broadcast(value) : value);
  }
  return value_[id] = lower_pointwise(*node.op, b_, x);
}

std::vector<Value> step_cascade(const Recurrence& recurrence, int kept, ir::Builder& b, Value input, std::vector<Value>& states) {
  const Graph& body = *recurrence.body;
  CascadeBody step(body, b, input.type(), [&](int id) -> Value {
    const Node& node = body[id];
    if (node.op->kind == Kind::state) return states[static_cast<std::size_t>(node.attributes.size)];
    if (node.op->kind != Kind::argument) return {};
    if (node.attributes.size == 0) return input;
    const Value coefficient = b.load(kept, whole(b, node.attributes.size), false);
    return input.type().wide ? b.broadcast(coefficient) : coefficient;
  });
  std::vector<Value> outputs, next;
  for (const int id : recurrence.results) outputs.push_back(step.of(id));
  for (const RecurrenceState& state : recurrence.states) next.push_back(step.of(state.next));
  states = std::move(next);
  return outputs;
}

std::vector<Value> turn_of(ir::Builder& b, const CascadeBuffers& buffers, std::size_t section) {
  const auto first = 2 * static_cast<std::int64_t>(section);
  return {b.load(buffers.rotations, whole(b, first), false), b.load(buffers.rotations, whole(b, first + 1), false)};
}

std::vector<Value> turned_states(ir::Builder& b, const Cascade& system, const CascadeBuffers& buffers,
                                 const std::vector<Value>& states, bool back) {
  std::vector<Value> made = states;
  for (std::size_t k = 0; k < system.sections.size(); ++k) {
    const Cascade::Section& section = system.sections[k];
    if (section.states == 1) continue;
    std::vector<Value> turn = turn_of(b, buffers, k);
    for (Value& x : turn) x = states[0].type().wide ? b.broadcast(x) : x;
    const std::vector<Value> pair = turned(turn, {states[section.first], states[section.first + 1]}, back);
    for (std::size_t j = 0; j < 2; ++j) made[section.first + j] = pair[j];
  }
  return made;
}

void begin_vector_at_states(ir::Builder& b, const Cascade& system, const CascadeBuffers& buffers,
                            const std::vector<Value>& states) {
  const std::vector<Value> base = turned_states(b, system, buffers, states, false);
  for (std::size_t k = 0; k < base.size(); ++k)
    b.store(buffers.base, whole(b, static_cast<std::int64_t>(k)), convert(Scalar::f32, base[k]));
  b.store(buffers.done, whole(b, 0), whole(b, 0));
}

void keep_states_of_base(ir::Builder& b, const Cascade& system, const CascadeBuffers& buffers) {
  std::vector<Value> base;
  for (std::size_t k = 0; k < system.states; ++k)
    base.push_back(convert(Scalar::f64, b.load(buffers.base, whole(b, static_cast<std::int64_t>(k)), false)));
  const std::vector<Value> states = turned_states(b, system, buffers, base, true);
  for (std::size_t k = 0; k < states.size(); ++k) b.store(buffers.state[k], whole(b, 0), states[k]);
}

}  // namespace dgen::lower

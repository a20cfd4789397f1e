#include "passes/loop_body.h"

#include <array>

#include "base/index.h"
#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/time.h"
#include "graph/describe.h"
#include "graph/table_size.h"

namespace dgen::passes {

LoopBody::LoopBody(const Graph& g, const LoopAnalysis& analysis, const std::vector<int>& component, const Graph& outer,
                   const std::vector<int>& outer_map)
    : g_(g), a_(analysis), component_(component), outer_(outer), outer_map_(outer_map),
      inside_(component.begin(), component.end()) {
  made_.body = std::make_unique<Graph>();
  for (const int id : component) add_state(id);
  for (const int id : component) {
    const int line = g[id].op->kind == Kind::line_read ? a_.alias[at(g[id].inputs[0])] : -1;
    if (line >= 0 && !map_.contains(line)) add_state(line);  // filled by what comes in from outside
  }
  for (const int id : in_order()) write(id);
  for (std::size_t k = 0; k < owners_.size(); ++k) {
    const Node& owner = g[owners_[k]];
    made_.states[k].next = value(a_.alias[at(owner.op->kind == Kind::delay ? owner.inputs[0] : owner.feedback)]).id;
  }
}

void LoopBody::add_state(int id) {
  using Form = RecurrenceState::Form;
  const Node& node = g_[id];
  const Kind kind = node.op->kind;
  if (kind != Kind::cell && kind != Kind::line && kind != Kind::table && kind != Kind::delay) return;
  RecurrenceState state{.size = kind == Kind::table ? table_size(node.attributes) : node.attributes.size,
                        .table = node.attributes.table,
                        .name = node.path};
  state.form = kind == Kind::cell ? Form::cell : kind == Kind::table ? Form::table : Form::ring;
  if (kind == Kind::cell) state.initial = input_number(a_.alias[at(node.inputs[0])]);
  const auto number = static_cast<std::int64_t>(made_.states.size());
  Type type = node.type;
  type.clock = Clock::frame;
  if (state.form == Form::ring) type.dtype = DType::line;
  state.node = made_.body->typed(ops::state, type, {.size = number}, node.path).id;
  (kind == Kind::delay ? rings_ : map_)[id] = state.node;
  owners_.push_back(id);
  made_.states.push_back(std::move(state));
}

int LoopBody::input_number(int id) {
  const auto [found, fresh] = numbers_.try_emplace(id, static_cast<int>(inputs_.size()));
  if (fresh) inputs_.push_back(outer_map_[at(id)]);
  return found->second;
}

Signal LoopBody::value(int id) {
  if (const auto known = map_.find(id); known != map_.end()) return {made_.body.get(), known->second};
  if (g_[id].op->kind == Kind::constant) return made_.body->constant(g_[id].attributes.value);
  check(!inside_.contains(id), "a loop's nodes are written in dependency order");
  const std::int64_t number = input_number(id);
  const Signal argument = made_.body->typed(ops::argument, outer_[outer_map_[at(id)]].type, {.size = number}, g_[id].path);
  map_[id] = argument.id;
  return argument;
}

void LoopBody::write(int id) {
  const Node& node = g_[id];
  if (node.op->kind == Kind::window || node.op->kind == Kind::overlap_add || node.op->kind == Kind::hold) {
    throw Error(ErrorCode::bad_feedback, describe(g_, id) +
                                             ": a feedback loop across clocks cannot be compiled, only "
                                             "interpreted; keep windows and held values out of the loop");
  }
  std::vector<int> inputs;
  for (std::size_t k = 0; k < node.inputs.size(); ++k) {
    const bool reads_version = k == 0 && node.op->kind == Kind::gather;
    inputs.push_back(value(reads_version ? a_.version[at(id)] : a_.alias[at(node.inputs[k])]).id);
  }
  if (node.op->kind == Kind::delay) {
    const Signal past{made_.body.get(), rings_.at(id)}, now{made_.body.get(), inputs[0]}, frames{made_.body.get(), inputs[1]};
    map_[id] = at_or_before(node, node.attributes.size, past, now, frames).id;
  } else if (node.op->kind == Kind::line_read && !a_.feedback_read[at(id)]) {
    const Node& line = g_[a_.alias[at(node.inputs[0])]];
    const Signal past{made_.body.get(), inputs[0]}, frames{made_.body.get(), inputs[1]};
    map_[id] = at_or_before(node, line.attributes.size, past, value(a_.alias[at(line.feedback)]), frames).id;
  } else {
    map_[id] = made_.body->copy(node, inputs).id;
  }
}

/// A ring holds frames before this one; a read of it that may be of this frame takes `now`.
Signal LoopBody::at_or_before(const Node& node, std::int64_t size, Signal past, Signal now, Signal frames) {
  if (size == 0) return now;
  const std::array<Signal, 2> inputs{past, frames};
  const Signal before = made_.body->add(ops::line_read, inputs, {.size = size, .name = node.path}, node.origin);
  return ops::select(ops::gte(frames, 1.0), before, now);
}

/// The component's nodes but the states, each after what it needs within the frame; ties by node number.
std::vector<int> LoopBody::in_order() const {
  const auto counts = [this](int id) { return inside_.contains(id) && !map_.contains(id); };
  std::map<int, int> waiting;
  std::map<int, std::vector<int>> users;
  std::set<int> ready;
  for (const int id : component_) {
    if (!counts(id)) continue;
    int& count = waiting[id];
    for (const int x : a_.same_frame[at(id)]) {
      if (!counts(x)) continue;
      ++count;
      users[x].push_back(id);
    }
    if (count == 0) ready.insert(id);
  }
  std::vector<int> order;
  while (!ready.empty()) {
    const int id = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(id);
    for (const int user : users[id]) {
      if (--waiting[user] == 0) ready.insert(user);
    }
  }
  if (order.size() != waiting.size()) complain_about_table();
  return order;
}

void LoopBody::complain_about_table() const {
  for (const int id : component_) {
    if (g_[id].op->kind != Kind::table) continue;
    throw Error(ErrorCode::bad_feedback, describe(g_, id) +
                                             ": a read of the content before a write depends on that write; read it "
                                             "after the write (seq), or keep the old value in a history");
  }
  throw InternalError("internal error, this must hold: a loop without a table has an order within the frame");
}

}  // namespace dgen::passes

// What a runner remembers between frames, and the versions of tables.

#include <algorithm>

#include "dgen/error.h"
#include "engine/graph_runner.h"
#include "graph/feedback.h"
#include "graph/sequence.h"

namespace dgen::engine {

namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

}  // namespace

void RunnerState::reset() {
  if (at_reset) {
    values.assign(at_reset->begin(), at_reset->end());
  } else {
    values.assign(at(size * elements), 0.0);
  }
}

GraphRunner::GraphRunner(const Graph& graph, const FrameContext& context, const GraphRunner* parent, int recur)
    : graph_(graph), context_(context), parent_(parent), recur_(recur), order_(evaluation_order(graph)),
      versions_(table_versions(graph)), feedback_reads_(feedback_reads(graph)), per_frame_(at(graph.size())),
      scalar_(at(graph.size())), writes_(at(graph.size())), state_of_(at(graph.size()), -1) {
  std::size_t end = 0;
  for (int id = 0; id < graph.size(); ++id) {
    begin_.push_back(end);
    count_.push_back(at(graph[id].type.shape.elements()));
    end += count_.back();
    scalar_[at(id)] = is_scalar(id);
  }
  values_.resize(end);
  if (parent) plan_recurrence();
  for (int id = 0; id < graph.size(); ++id) {
    plan_clock(id);
    plan_state(id);
    const Recurrence* inner = graph[id].attributes.recurrence.get();
    if (inner) bodies_.emplace(id, std::make_unique<GraphRunner>(*inner->body, context, this, id));
  }
  reset();
}

/// A read of a table that is written changes every frame, and so does what it feeds.
void GraphRunner::plan_clock(int id) {
  const Node& node = graph_[id];
  bool changes = node.type.clock >= Clock::hop;
  if (node.op->kind == Kind::gather) {
    const Node& table = graph_[table_version(graph_, node.inputs[0])];
    changes = changes || table.feedback >= 0 || table.op->kind == Kind::scatter || table.op->kind == Kind::state;
  }
  if (node.op->kind == Kind::pointwise || node.op->kind == Kind::gather || node.op->kind == Kind::sequence) {
    const std::size_t first = node.op->kind == Kind::pointwise ? 0 : node.inputs.size() - 1;
    for (std::size_t k = first; k < node.inputs.size(); ++k) changes = changes || per_frame_[at(node.inputs[k])];
  }
  per_frame_[at(id)] = changes;
}

void GraphRunner::plan_state(int id) {
  const Node& node = graph_[id];
  const Attributes& attributes = node.attributes;
  const std::int64_t table_elements = attributes.table ? static_cast<std::int64_t>(attributes.table->size()) : attributes.size;
  switch (node.op->kind) {
    case Kind::cell: return add_state(id, {.name = node.path, .next = node.feedback, .elements = node.type.shape.elements()});
    case Kind::hold: return add_state(id, {.name = node.path, .next = id, .elements = node.type.shape.elements()});
    case Kind::window:
      return add_state(id, {.name = node.path,
                            .next = node.inputs[0],
                            .size = attributes.size - 1,
                            .elements = graph_[node.inputs[0]].type.shape.elements()});
    case Kind::overlap_add:
      return add_state(
          id, {.name = node.path, .next = id, .size = attributes.size, .elements = node.type.shape.elements(), .adds = id});
    case Kind::line:
      return add_state(id, {.name = node.path, .next = node.feedback, .size = std::max<std::int64_t>(1, attributes.size)});
    case Kind::delay:
      return add_state(id, {.name = node.path,
                            .next = node.inputs[0],
                            .size = attributes.size,
                            .elements = graph_[node.inputs[0]].type.shape.elements()});
    case Kind::table:
      return add_state(
          id, {.name = node.path, .is_table = true, .next = node.feedback, .size = table_elements, .at_reset = attributes.table});
    case Kind::state: state_of_[at(id)] = static_cast<int>(attributes.size); return;
    case Kind::constant:
    case Kind::param:
    case Kind::input:
    case Kind::sample_rate:
    case Kind::frame_index:
    case Kind::noise:
    case Kind::reduce:
    case Kind::tensor:
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
    case Kind::pointwise:
    case Kind::gather:
    case Kind::scatter:
    case Kind::line_read:
    case Kind::handle:
    case Kind::sequence:
    case Kind::recur:
    case Kind::result:
    case Kind::argument:
    case Kind::composite: return;
  }
}

/// The states of a body come first, so that the number a state node carries is the state's place.
void GraphRunner::plan_recurrence() {
  for (const RecurrenceState& declared : recurrence().states) {
    RunnerState made{.name = declared.name, .is_table = declared.form == RecurrenceState::Form::table, .next = declared.next};
    if (made.name.empty() && declared.node >= 0) made.name = graph_[declared.node].path;
    if (declared.form == RecurrenceState::Form::ring) made.size = std::max<std::int64_t>(1, declared.size);
    if (declared.node >= 0 && declared.form == RecurrenceState::Form::cell)
      made.elements = graph_[declared.node].type.shape.elements();
    if (made.is_table)
      made.at_reset = declared.table,
      made.size = declared.table ? static_cast<std::int64_t>(declared.table->size()) : declared.size;
    states_.push_back(std::move(made));
  }
}

void GraphRunner::add_state(int id, RunnerState state) {
  state_of_[at(id)] = static_cast<int>(states_.size());
  states_.push_back(std::move(state));
}

void GraphRunner::reset() {
  for (RunnerState& state : states_) state.reset();
  std::fill(values_.begin(), values_.end(), 0.0);
  for (const auto& [id, body] : bodies_) body->reset();
}

std::vector<RunnerState*> GraphRunner::states() {
  std::vector<RunnerState*> found;
  if (parent_) {
    for (std::size_t k = 0; k < recurrence().states.size(); ++k) found.push_back(&states_[k]);
  }
  for (int id = 0; id < graph_.size(); ++id) {
    const int own = state_of_[at(id)];
    if (own >= 0 && graph_[id].op->kind != Kind::state && states_[at(own)].next >= 0) found.push_back(&states_[at(own)]);
    if (const auto body = bodies_.find(id); body != bodies_.end()) {
      for (RunnerState* inner : body->second->states()) found.push_back(inner);
    }
  }
  return found;
}

void GraphRunner::commit() {
  for (RunnerState& state : states_) {
    if (state.next < 0 || state.size == 0) continue;
    if (state.is_table) {
      commit_table(state);
    } else if (state.adds >= 0) {
      commit_sum(state);
    } else {
      for (const double x : elements(state.next)) {
        state.values.push_back(rounded(x));
        state.values.pop_front();
      }
    }
  }
  for (const auto& [id, body] : bodies_) body->commit();
}

void GraphRunner::commit_table(RunnerState& state) const {
  std::vector<int> versions;  // newest first
  int version = table_version(graph_, state.next);
  for (; graph_[version].op->kind == Kind::scatter; version = table_version(graph_, graph_[version].inputs[0]))
    versions.push_back(version);
  const int own = state_of_[at(version)];
  check(own >= 0 && &states_[at(own)] == &state, "the last version of a table stems from the same table");
  for (auto written = versions.rbegin(); written != versions.rend(); ++written) {
    const Write& write = writes_[at(*written)];
    if (write.index >= 0) state.values[at(write.index)] = write.value;
  }
}

double GraphRunner::element(int version, std::int64_t index) const {
  version = table_version(graph_, version);
  for (; graph_[version].op->kind == Kind::scatter; version = table_version(graph_, graph_[version].inputs[0])) {
    if (writes_[at(version)].index == index) return writes_[at(version)].value;
  }
  const Node& origin = graph_[version];
  if (origin.op->kind == Kind::argument)
    return parent_->element(parent_->graph_[recur_].inputs[at(origin.attributes.size)], index);
  if (origin.op->kind == Kind::result) {
    const Recurrence& inner = *graph_[origin.inputs[0]].attributes.recurrence;
    return bodies_.at(origin.inputs[0])->element(inner.results[at(origin.attributes.size)], index);
  }
  return state(version).values[at(index)];
}

std::int64_t GraphRunner::table_size(int version) const {
  const int id = table_of(graph_, version);
  const Node& origin = graph_[id];
  if (origin.op->kind == Kind::argument) return parent_->table_size(parent_->graph_[recur_].inputs[at(origin.attributes.size)]);
  if (origin.op->kind == Kind::result) {
    const Recurrence& inner = *graph_[origin.inputs[0]].attributes.recurrence;
    return bodies_.at(origin.inputs[0])->table_size(inner.results[at(origin.attributes.size)]);
  }
  return state(id).size;
}

}  // namespace dgen::engine

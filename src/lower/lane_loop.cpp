#include "lower/lane_loop.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/index.h"
#include "graph/elements.h"
#include "lower/lane_permutes.h"
#include "lower/pointwise.h"
#include "lower/row_loop.h"
#include "lower/row_sums.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// Vectors of all nodes of a body that are written out: more would take a compiler long.
constexpr std::int64_t most_vectors = 16384;

class LaneLoop {
 public:
  LaneLoop(RowContext& rows, int recur)
      : rows_(rows), b_(rows.builder), recur_(recur), recurrence_(*rows.g[recur].attributes.recurrence), body_(*recurrence_.body),
        lanes_(b_.module().lanes), resting_(at(body_.size())), value_(at(body_.size())) {
    for (const int id : rows.stage.nodes) {
      const Node& node = rows.g[id];
      if (node.op->kind == Kind::result && node.inputs[0] == recur) results_.push_back(id);
    }
  }

  void write() {
    start_loop(rows_, recur_);
    load();
    for (const int id : results_) {
      if (is_sum_of_lanes(result_of(id))) rows_.partial[id] = new_scratch(rows_.ticks.group * ir::padding);
    }
    rows_.each_tick([&] { tick(); });
    for (std::size_t k = 0; k < recurrence_.states.size(); ++k) {
      for (std::size_t v = 0; v < states_[k].size(); ++v) b_.store(state_buffer(k), element(v), states_[k][v].get());
    }
    for (const int id : results_) {
      if (rows_.partial.contains(id)) write_sums_of_block(rows_, id);
    }
  }

 private:
  int state_buffer(std::size_t k) const { return rows_.buffers.state.at({recur_, static_cast<int>(k)}); }
  int result_of(int id) const { return recurrence_.results[at(static_cast<int>(rows_.g[id].attributes.size))]; }
  std::int64_t elements(int id) const { return elements_of(body_, id); }
  bool is_number(int id) const { return elements(id) == 1; }
  std::size_t vectors(int id) const { return static_cast<std::size_t>((elements(id) + lanes_ - 1) / lanes_); }
  Value element(std::size_t vector) { return rows_.whole(static_cast<std::int64_t>(vector) * lanes_); }

  int new_scratch(std::int64_t size) {
    ir::Module& module = b_.module();
    const std::string name = "lanes" + std::to_string(recur_) + "_" + std::to_string(module.buffers.size());
    module.buffers.push_back({.name = name, .space = ir::Space::scratch, .size = size});
    return static_cast<int>(module.buffers.size()) - 1;
  }

  /// A sum that only leaves the loop: lanes are added up for many ticks together.
  bool is_sum_of_lanes(int id) const {
    if (body_[id].op->kind != Kind::contract) return false;
    const auto uses = [id](const Node& node) { return std::ranges::count(node.inputs, id) > 0; };
    const auto next = [id](const RecurrenceState& state) { return state.next == id; };
    return std::ranges::none_of(body_.nodes(), uses) && std::ranges::none_of(recurrence_.states, next);
  }

  /// Before the ticks of a block: states, and what is the same at every tick.
  void load() {
    for (std::size_t k = 0; k < recurrence_.states.size(); ++k) {
      const int id = recurrence_.states[k].node;
      states_.emplace_back();
      for (std::size_t v = 0; v < vectors(id); ++v)
        states_[k].push_back(b_.local("s" + std::to_string(k), b_.load(state_buffer(k), element(v), !is_number(id))));
    }
    for (int id = 0; id < body_.size(); ++id) {
      const Node& node = body_[id];
      if (node.op->kind == Kind::constant) resting_[at(id)] = {b_.number({Scalar::f32, !is_number(id)}, node.attributes.value)};
      if (node.op->kind == Kind::tensor) {
        const int row = rows_.buffers.constant_row(*node.attributes.table);
        for (std::size_t v = 0; v < vectors(id); ++v) resting_[at(id)].push_back(b_.load(row, element(v), !is_number(id)));
      }
      if (node.op->kind == Kind::argument && !moves(rows_.g[given(id)].type)) resting_[at(id)] = from_outside(id);
    }
  }

  int given(int argument) const { return rows_.g[recur_].inputs[static_cast<std::size_t>(body_[argument].attributes.size)]; }

  std::vector<Value> from_outside(int argument) {
    const int id = given(argument);
    rows_.value.clear();
    std::vector<Value> all;
    if (is_number(argument)) {
      all = {rows_.of(id, rows_.whole(0), 1)};
    } else {
      const Row row = rows_.row(id);
      for (std::size_t v = 0; v < vectors(argument); ++v) all.push_back(rows_.load(row, element(v), true));
    }
    rows_.value.clear();
    return all;
  }

  void tick() {
    stored_.clear();
    broadcast_.clear();
    for (int id = 0; id < body_.size(); ++id) value_[at(id)] = compute(id);
    for (const int id : results_) leave(id, result_of(id));
    for (std::size_t k = 0; k < states_.size(); ++k) {
      for (std::size_t v = 0; v < states_[k].size(); ++v) states_[k][v].set(value_[at(recurrence_.states[k].next)][v]);
    }
  }

  std::vector<Value> compute(int id) {
    const Node& node = body_[id];
    if (!resting_[at(id)].empty()) return resting_[at(id)];
    std::vector<Value> made;
    switch (node.op->kind) {
      case Kind::state:
        for (const ir::Local& state : states_[static_cast<std::size_t>(node.attributes.size)]) made.push_back(state.get());
        return made;
      case Kind::argument: return from_outside(id);
      case Kind::reshape: return value_[at(node.inputs[0])];
      case Kind::expand: return broadcast(node.inputs[0], node.type.shape);
      case Kind::view: return picked(node.inputs, *node.attributes.map, id);
      case Kind::contract:
        if (is_sum_of_lanes(id)) return {};
        return {number_at(sum_of_lanes(b_, sum_of_vectors(node.inputs[0])), 0)};
      default: return pointwise(id);
    }
  }

  std::vector<Value> pointwise(int id) {
    const Node& node = body_[id];
    std::vector<std::vector<Value>> given;
    for (const int x : node.inputs) given.push_back(is_number(id) ? value_[at(x)] : broadcast(x, node.type.shape));
    std::vector<Value> made;
    for (std::size_t v = 0; v < vectors(id); ++v) {
      made.push_back(lower_frame_node(body_, id, b_, [&](int x) {
        const auto k = std::ranges::find(node.inputs, x) - node.inputs.begin();
        return k < std::ssize(node.inputs) ? given[static_cast<std::size_t>(k)][v] : broadcast(x, node.type.shape)[v];
      }));
      if (!is_number(id)) made.back() = b_.broadcast(made.back());
    }
    return made;
  }

  std::vector<Value> broadcast(int x, const Shape& shape) {
    const auto count = static_cast<std::size_t>((shape.elements() + lanes_ - 1) / lanes_);
    if (shape.elements() == 1) return value_[at(x)];
    if (is_number(x)) return std::vector<Value>(count, everywhere(value_[at(x)][0]));
    if (elements(x) == shape.elements()) return value_[at(x)];
    const std::vector<std::int64_t> index = broadcast_index(body_[x].type.shape, shape);
    return vectors_of({x}, {index.begin(), index.end()});
  }

  std::vector<Value> picked(const std::vector<int>& inputs, const std::vector<std::int32_t>& map, int id) {
    if (!is_number(id)) return vectors_of(inputs, map);
    const LaneOf lane = lane_of(inputs, map[0]);
    if (lane.vector.builder == nullptr) return {b_.number({Scalar::f32, false}, 0)};
    return {lane.vector.type().wide ? number_at(lane.vector, lane.number) : lane.vector};
  }

  /// Element `from` of values laid one behind another.
  LaneOf lane_of(const std::vector<int>& inputs, std::int64_t from) {
    if (from < 0) return {};
    auto input = inputs.begin();
    for (; from >= elements(*input); ++input) from -= elements(*input);
    return {value_[at(*input)][static_cast<std::size_t>(from / lanes_)], static_cast<int>(from % lanes_)};
  }

  /// A number in all lanes: the same vector wherever it is asked for.
  Value everywhere(Value number) {
    const auto [known, fresh] = broadcast_.try_emplace(number.id);
    if (fresh) known->second = b_.broadcast(number);
    return known->second;
  }

  std::vector<Value> vectors_of(const std::vector<int>& inputs, const std::vector<std::int32_t>& map) {
    std::vector<Value> made;
    for (std::size_t first = 0; first < map.size(); first += static_cast<std::size_t>(lanes_)) {
      std::vector<LaneOf> lanes;
      for (std::size_t k = 0; k < static_cast<std::size_t>(lanes_); ++k) {
        // Lanes behind the last element hold anything.
        if (first + k == map.size()) lanes.resize(static_cast<std::size_t>(lanes_), lanes.back());
        if (lanes.size() > k) break;
        lanes.push_back(lane_of(inputs, map[first + k]));
        LaneOf& lane = lanes.back();
        if (lane.vector.builder && !lane.vector.type().wide) lane = {everywhere(lane.vector), static_cast<int>(k)};
      }
      made.push_back(vector_of_lanes(b_, lanes));
    }
    return made;
  }

  /// One lane as a number, by way of memory: nothing else takes a scalar out of a vector.
  Value number_at(Value vector, int lane) {
    const auto [place, fresh] = stored_.try_emplace(vector.id, -1);
    if (fresh) {
      place->second = new_scratch(ir::padding);
      b_.store(place->second, rows_.whole(0), vector);
    }
    return b_.load(place->second, rows_.whole(lane), false);
  }

  /// Vectors of the addends of a sum of all elements, added up; lanes of it are still to be added.
  Value sum_of_vectors(int of) {
    std::vector<Value> x;
    const std::int64_t count = elements(of), rest = count % lanes_;
    if (is_number(of)) return value_[at(of)][0];
    for (std::size_t v = 0; v < vectors(of); ++v) {
      Value addend = value_[at(of)][v];
      if (rest != 0 && v + 1 == vectors(of))
        addend = select(b_.lane() < b_.broadcast(rows_.whole(rest)), addend, b_.number({Scalar::f32, true}, 0));
      x.push_back(addend);
    }
    while (x.size() > 1) {  // neighbours first: no addition waits for all before it
      std::vector<Value> sums;
      for (std::size_t k = 0; k + 1 < x.size(); k += 2) sums.push_back(x[k] + x[k + 1]);
      if (x.size() % 2 == 1) sums.push_back(x.back());
      x = std::move(sums);
    }
    return x[0];
  }

  void leave(int result, int id) {
    if (rows_.partial.contains(result)) {
      const Value place = rows_.ticks.in_group * rows_.whole(ir::padding);
      return b_.store(rows_.partial.at(result), place, sum_of_vectors(body_[id].inputs[0]));
    }
    const Row to = rows_.row(result);
    for (std::size_t v = 0; v < vectors(id); ++v) b_.store(to.buffer, to.base + element(v), value_[at(id)][v]);
  }

  RowContext& rows_;
  ir::Builder& b_;
  const int recur_;
  const Recurrence& recurrence_;
  const Graph& body_;
  const std::int64_t lanes_;
  std::vector<int> results_;                    ///< nodes outside
  std::vector<std::vector<ir::Local>> states_;  ///< by state, its vectors
  std::vector<std::vector<Value>> resting_;     ///< by node of the body: vectors, or its number; empty where it moves
  std::vector<std::vector<Value>> value_;       ///< the same of this tick
  std::map<int, Value> broadcast_;              ///< by number of this tick
  std::map<int, int> stored_;                   ///< by vector of this tick: scratch that it lies in
};

bool is_known(const Graph& body, int id) {
  const Node& node = body[id];
  switch (node.op->kind) {
    case Kind::pointwise:
    case Kind::constant:
    case Kind::tensor:
    case Kind::argument:
    case Kind::state:
    case Kind::reshape:
    case Kind::expand:
    case Kind::view: return node.type.dtype == DType::signal;
    case Kind::contract: return is_full_sum(body, id);
    default: return false;
  }
}

}  // namespace

bool runs_in_lanes(const Graph& graph, int recur, int lanes) {
  if (lanes == 0) return false;
  const Recurrence& recurrence = *graph[recur].attributes.recurrence;
  const Graph& body = *recurrence.body;
  const auto is_cell = [](const RecurrenceState& state) { return state.form == RecurrenceState::Form::cell; };
  if (!std::ranges::all_of(recurrence.states, is_cell)) return false;
  std::int64_t vectors = 0;
  for (int id = 0; id < body.size(); ++id) {
    if (!is_known(body, id)) return false;
    vectors += (elements_of(body, id) + lanes - 1) / lanes;
  }
  return vectors <= most_vectors;
}

void write_lane_loop(RowContext& rows, int recur) { LaneLoop(rows, recur).write(); }

}  // namespace dgen::lower

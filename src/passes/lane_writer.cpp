#include "passes/lane_writer.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "base/index.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "passes/lane_rows.h"

namespace dgen::passes {

namespace {

class LaneWriter {
 public:
  LaneWriter(const RecurBody& loop, const LaneOrder& order, Graph& out, std::span<const int> map)
      : loop_(loop), old_(loop.body), order_(order), out_(out), map_(map), made_(empty()),
        rows_(loop, order, *made_->body, out, map) {}

  LanedLoop write(std::span<const Leaving> leaving) {
    for (const LaneUnit& unit : order_.units) unit.is_class ? write_class(at(unit.number)) : write_number(unit.number);
    close_states();
    for (const Leaving& each : leaving) made_->results.push_back(result(each).id);
    return {std::move(made_), rows_.inputs()};
  }

 private:
  static std::shared_ptr<Recurrence> empty() {
    auto made = std::make_shared<Recurrence>();
    made->body = std::make_unique<Graph>();
    return made;
  }

  Graph& body() { return *made_->body; }

  // Numbers

  void write_number(int id) {
    const Node& node = old_[id];
    if (loop_.is_state(id)) {
      rows_.keep_number(id, add_state(name_of(id), {id}, Shape{}));
      return;
    }
    std::vector<int> inputs;
    for (const int x : node.inputs) inputs.push_back(rows_.as_number(rows_.element({x}, {}, 0)).id);
    rows_.keep_number(id, body().copy(node, inputs).id);
  }

  // Classes

  void write_class(std::size_t c) {
    const OrderedClass& its = order_.classes[c];
    std::vector<Element>& value = rows_.lanes(c);
    value.resize(its.lanes.size());
    std::map<const OpDef*, std::vector<std::size_t>, ByName> alike;
    for (std::size_t k = 0; k < its.lanes.size(); ++k) alike[old_[its.lanes[k].base].op].push_back(k);
    for (const auto& [op, lanes] : alike) write_base(its, lanes, value);
    for (std::size_t layer = its.layers.size(); layer-- > 0;) write_layer(its, layer, value);
  }

  static void put(std::vector<Element>& value, const std::vector<std::size_t>& lanes, int made, bool is_row) {
    for (std::size_t j = 0; j < lanes.size(); ++j) value[lanes[j]] = {made, is_row ? static_cast<int>(j) : -1};
  }

  void write_base(const OrderedClass& its, const std::vector<std::size_t>& lanes, std::vector<Element>& value) {
    const auto base = [&](std::size_t k) { return its.lanes[k].base; };
    const Node& like = old_[base(lanes[0])];
    if (like.op->kind == Kind::state) {
      std::vector<int> states;
      for (const std::size_t k : lanes) states.push_back(base(k));
      const std::string& name = name_of(states[0]);
      return put(value, lanes, add_state(name, std::move(states), vector_shape(lanes.size())), true);
    }
    std::vector<int> inputs;
    for (std::size_t operand = 0; operand < like.inputs.size(); ++operand) {
      std::vector<Source> from;
      for (const std::size_t k : lanes) from.push_back({old_[base(k)].inputs[operand]});
      inputs.push_back(rows_.row(from).id);
    }
    const Signal made = body().copy(like, inputs);
    put(value, lanes, made.id, body()[made.id].type.shape.rank > 0);
  }

  /// Lanes that a layer leaves as they are do without it where none of their neighbours has it.
  void write_layer(const OrderedClass& its, std::size_t layer, std::vector<Element>& value) {
    std::set<std::size_t> blocks;
    for (std::size_t k = 0; k < its.lanes.size(); ++k) {
      if (!its.lanes[k].layers[layer].passes) blocks.insert(k / longest_vector);
    }
    std::vector<std::size_t> lanes;
    std::vector<Element> core;
    std::vector<Source> other;
    for (std::size_t k = 0; k < its.lanes.size(); ++k) {
      if (!blocks.contains(k / longest_vector)) continue;
      lanes.push_back(k), core.push_back(value[k]);
      other.push_back({its.lanes[k].layers[layer].other, its.lanes[k].layers[layer].number});
    }
    const Signal x = rows_.gathered(core, vector_shape(core.size())), y = rows_.row(other);
    const Signal made = body().add(*its.layers[layer], std::array{x, y}, {});
    put(value, lanes, made.id, body()[made.id].type.shape.rank > 0);
  }

  // States

  int add_state(const std::string& name, std::vector<int> states, const Shape& shape) {
    const auto number = std::ssize(made_->states);
    const int node = body().typed(ops::state, {.clock = Clock::frame, .shape = shape}, {.size = number}, name).id;
    made_->states.push_back({.node = node, .name = name});
    std::set<int> named;
    for (const int state : states) {
      if (shape.rank == 0) break;
      const bool first = named.insert(state).second;  // some are in two lanes, which hold the same
      made_->states.back().lanes.push_back(first ? name_of(state) : name_of(state) + "/copy");
    }
    kept_.push_back(std::move(states));
    return node;
  }

  const std::string& name_of(int state) const {
    return loop_.recurrence.states[static_cast<std::size_t>(old_[state].attributes.size)].name;
  }

  void close_states() {
    for (std::size_t k = 0; k < kept_.size(); ++k) {
      const Shape shape = body()[made_->states[k].node].type.shape;
      std::vector<Source> next;
      std::vector<Signal> initial;
      for (const int state : kept_[k]) {
        const RecurrenceState& its = loop_.recurrence.states[static_cast<std::size_t>(old_[state].attributes.size)];
        next.push_back({its.next});
        initial.push_back({&out_, map_[at(loop_.outer[loop_.recur].inputs[at(its.initial)])]});
      }
      const bool is_row = shape.rank > 0;
      const Signal after = is_row ? expand(rows_.row(next), shape) : rows_.as_number(rows_.element(next[0], {}, 0));
      made_->states[k].next = after.id;
      made_->states[k].initial = rows_.give(is_row ? rows_.outer_row(initial) : initial[0]);
    }
  }

  Signal result(const Leaving& leaving) {
    if (leaving.nodes.size() == 1) return rows_.as_number(rows_.element({leaving.nodes[0]}, {}, 0));
    std::vector<Source> terms;
    for (const int id : leaving.nodes) terms.push_back({id});
    return sum_to(expand(rows_.row(terms), vector_shape(terms.size())), Shape{});
  }

  const RecurBody& loop_;
  const Graph& old_;
  const LaneOrder& order_;
  Graph& out_;
  std::span<const int> map_;
  std::shared_ptr<Recurrence> made_;
  LaneRows rows_;
  std::vector<std::vector<int>> kept_;  ///< by new state: those of the old body
};

}  // namespace

LanedLoop write_lanes(const RecurBody& loop, const LaneOrder& order, std::span<const Leaving> leaving, Graph& out,
                      std::span<const int> map) {
  return LaneWriter(loop, order, out, map).write(leaving);
}

}  // namespace dgen::passes

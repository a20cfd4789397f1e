#include "passes/lane_writer.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "base/index.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "passes/batch_coupled.h"
#include "passes/batch_isomorphic.h"

namespace dgen::passes {

namespace {

/// Lanes that a layer leaves as they are do without it where none of so many neighbours has it.
constexpr std::size_t longest_vector = 16;

/// A number in the new body: an element of a row, or where `index` is -1 a node of its own.
struct Element {
  int signal = -1;
  int index = -1;
  bool operator==(const Element&) const = default;
};

/// What a lane takes: a node of the old body, or where that is -1 a number.
struct Source {
  int node = -1;
  double number = 0;
};

Shape vector_shape(std::size_t count) { return extents({static_cast<std::int32_t>(count)}); }

class LaneWriter {
 public:
  LaneWriter(const RecurBody& loop, const LaneOrder& order, Graph& out, std::span<const int> map)
      : loop_(loop), old_(loop.body), order_(order), out_(out), map_(map), made_(std::make_shared<Recurrence>()),
        values_(order.classes.size()), class_of_(at(old_.size()), -1) {
    made_->body = std::make_unique<Graph>();
    for (std::size_t c = 0; c < order.classes.size(); ++c) {
      for (const Lane& lane : order.classes[c].lanes) class_of_[at(lane.node)] = static_cast<int>(c);
    }
  }

  LanedLoop write(std::span<const Leaving> leaving) {
    for (const LaneUnit& unit : order_.units) unit.is_class ? write_class(at(unit.number)) : write_number(unit.number);
    close_states();
    for (const Leaving& each : leaving) made_->results.push_back(result(each).id);
    return {std::move(made_), std::move(inputs_)};
  }

 private:
  Graph& body() { return *made_->body; }
  Signal signal(int id) { return {&body(), id}; }

  // Numbers

  Signal argument(int outer) {
    const auto [known, fresh] = arguments_.try_emplace(outer, -1);
    if (fresh) {
      known->second = body().typed(ops::argument, out_[outer].type, {.size = std::ssize(inputs_)}).id;
      inputs_.push_back(outer);
    }
    return signal(known->second);
  }

  Signal leaf(int id) {
    const Node& node = old_[id];
    if (node.op->kind == Kind::constant) return body().constant(node.attributes.value);
    return argument(map_[at(loop_.given(id))]);
  }

  void write_number(int id) {
    const Node& node = old_[id];
    if (loop_.is_state(id)) {
      numbers_[id] = add_state(loop_.recurrence.states[static_cast<std::size_t>(node.attributes.size)].name, {id}, Shape{});
      return;
    }
    std::vector<int> inputs;
    for (const int x : node.inputs) inputs.push_back(as_number(element({x}, {}, 0)).id);
    numbers_[id] = body().copy(node, inputs).id;
  }

  Signal as_number(Element x) { return x.index < 0 ? signal(x.signal) : gathered(std::array{x}, Shape{}); }

  // Rows

  /// The element a source is; of several, the one behind `before`, or the one in the same lane.
  Element element(const Source& from, Element before, std::size_t lane) {
    if (from.node < 0) return {body().constant(from.number).id, -1};
    if (loop_.is_leaf(from.node)) return {leaf(from.node).id, -1};
    const int c = class_of_[at(from.node)];
    if (c < 0) return {numbers_.at(from.node), -1};
    const std::vector<Element>& value = values_[at(c)];
    const std::vector<std::size_t>& places = order_.classes[at(c)].places.at(from.node);
    for (const std::size_t p : places) {
      if (before.index >= 0 && value[p] == Element{before.signal, before.index + 1}) return value[p];
    }
    for (const std::size_t p : places) {
      if (p % longest_vector == lane % longest_vector) return value[p];
    }
    return value[places.front()];
  }

  bool rests(const Source& from) const { return from.node < 0 || (loop_.is_leaf(from.node) && !loop_.leaf_moves(from.node)); }

  /// A row of sources, or one number where they are all the same.
  Signal row(std::span<const Source> from) {
    if (std::ranges::all_of(from, [this](const Source& x) { return rests(x); })) return resting_row(from);
    std::vector<Element> elements;
    for (std::size_t k = 0; k < from.size(); ++k)
      elements.push_back(element(from[k], elements.empty() ? Element{} : elements.back(), k));
    return gathered(elements, vector_shape(from.size()));
  }

  Signal gathered(std::span<const Element> elements, const Shape& shape) {
    const Element first = elements.front();
    const bool same = std::ranges::all_of(elements, [&](const Element& x) { return x == first; });
    if (same && first.index < 0) return signal(first.signal);
    bool in_order = body()[first.signal].type.shape == shape;
    for (std::size_t k = 0; k < elements.size(); ++k)
      in_order = in_order && elements[k] == Element{first.signal, static_cast<int>(k)};
    if (in_order) return signal(first.signal);
    std::vector<Signal> inputs;
    std::map<int, std::int32_t> offset;
    std::int32_t total = 0;
    auto picked = std::make_shared<std::vector<std::int32_t>>();
    for (const Element& x : elements) {
      const Node& node = body()[x.signal];
      if (node.op->kind == Kind::constant && node.attributes.value == 0) {
        picked->push_back(-1);
        continue;
      }
      const auto [known, fresh] = offset.try_emplace(x.signal, total);
      if (fresh) {
        inputs.push_back(signal(x.signal));
        total += static_cast<std::int32_t>(node.type.shape.elements());
      }
      picked->push_back(known->second + std::max(x.index, 0));
    }
    const auto key = std::pair(std::vector<std::int32_t>(*picked), ids_of(inputs));
    if (const auto known = views_.find(key); known != views_.end() && shape.rank == 1) return signal(known->second);
    const Signal made =
        body().add(ops::view, inputs, {.name = std::string(lanes_name), .shape = shape, .map = std::move(picked)});
    if (shape.rank == 1) views_[key] = made.id;
    return made;
  }

  static std::vector<int> ids_of(std::span<const Signal> signals) {
    std::vector<int> ids;
    for (const Signal s : signals) ids.push_back(s.id);
    return ids;
  }

  Signal outer_number(const Source& from) {
    if (from.node < 0) return out_.constant(from.number);
    const Node& node = old_[from.node];
    return node.op->kind == Kind::constant ? out_.constant(node.attributes.value)
                                           : Signal{&out_, map_[at(loop_.given(from.node))]};
  }

  Signal resting_row(std::span<const Source> from) {
    std::vector<Signal> numbers;
    for (const Source& x : from) numbers.push_back(outer_number(x));
    const bool same = std::ranges::all_of(numbers, [&](Signal s) { return s.id == numbers[0].id; });
    if (!same) return argument(outer_row(numbers).id);
    const Node& node = out_[numbers[0].id];
    return node.op->kind == Kind::constant ? body().constant(node.attributes.value) : argument(numbers[0].id);
  }

  /// Numbers that rest, one behind another.
  Signal outer_row(const std::vector<Signal>& numbers) {
    const auto [known, fresh] = rows_.try_emplace(ids_of(numbers), -1);
    if (!fresh) return {&out_, known->second};
    const Shape shape = vector_shape(numbers.size());
    std::vector<double> values;
    for (const Signal s : numbers) {
      if (out_[s.id].op->kind == Kind::constant) values.push_back(out_[s.id].attributes.value);
    }
    if (values.size() == numbers.size()) {
      known->second = tensor(out_, values, shape).id;
    } else {
      auto order = std::make_shared<std::vector<std::int32_t>>(numbers.size());
      std::iota(order->begin(), order->end(), 0);
      known->second = out_.add(ops::view, numbers, {.name = std::string(batch_name), .shape = shape, .map = std::move(order)}).id;
    }
    return {&out_, known->second};
  }

  // Classes

  void write_class(std::size_t c) {
    const OrderedClass& its = order_.classes[c];
    std::vector<Element>& value = values_[c];
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
      inputs.push_back(row(from).id);
    }
    const Signal made = body().copy(like, inputs);
    put(value, lanes, made.id, body()[made.id].type.shape.rank > 0);
  }

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
    const Signal x = gathered(core, vector_shape(core.size())), y = row(other);
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
      const Signal after = is_row ? expand(row(next), shape) : as_number(element(next[0], {}, 0));
      made_->states[k].next = after.id;
      made_->states[k].initial = static_cast<int>(inputs_.size());
      inputs_.push_back(is_row ? outer_row(initial).id : initial[0].id);
    }
  }

  Signal result(const Leaving& leaving) {
    if (leaving.nodes.size() == 1) return as_number(element({leaving.nodes[0]}, {}, 0));
    std::vector<Source> terms;
    for (const int id : leaving.nodes) terms.push_back({id});
    return sum_to(expand(row(terms), vector_shape(terms.size())), Shape{});
  }

  const RecurBody& loop_;
  const Graph& old_;
  const LaneOrder& order_;
  Graph& out_;
  std::span<const int> map_;
  std::shared_ptr<Recurrence> made_;
  std::vector<int> inputs_;
  std::vector<std::vector<Element>> values_;                                     ///< by class, by lane
  std::vector<int> class_of_;                                                    ///< by node of the old body
  std::map<int, int> numbers_;                                                   ///< by node of the old body: what stays a number
  std::map<int, int> arguments_;                                                 ///< by node outside
  std::map<std::vector<int>, int> rows_;                                         ///< by numbers outside
  std::map<std::pair<std::vector<std::int32_t>, std::vector<int>>, int> views_;  ///< by map and inputs
  std::vector<std::vector<int>> kept_;                                           ///< by new state: those of the old body
};

}  // namespace

LanedLoop write_lanes(const RecurBody& loop, const LaneOrder& order, std::span<const Leaving> leaving, Graph& out,
                      std::span<const int> map) {
  return LaneWriter(loop, order, out, map).write(leaving);
}

}  // namespace dgen::passes

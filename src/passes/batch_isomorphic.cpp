#include "passes/batch_isomorphic.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "base/index.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "dgen/views.h"
#include "graph/affine_loop.h"
#include "passes/equal_parts.h"

namespace dgen::passes {

namespace {

/// Writes one part over vectors for n equal ones.
class BatchWriter {
 public:
  BatchWriter(const Graph& g, const PartFinder& finder, Graph& out, const std::vector<int>& map, std::size_t count)
      : g_(g), finder_(finder), out_(out), map_(map), shape_(extents({static_cast<std::int32_t>(count)})) {}

  /// The value of a node of each part: a vector, or one number where it is the same for all.
  Signal of(const std::vector<int>& ids) {
    if (const auto known = made_.find(ids); known != made_.end()) return known->second;
    return made_[ids] = write(ids);
  }

  Shape shape() const { return shape_; }

 private:
  Signal write(const std::vector<int>& ids) {
    if (std::adjacent_find(ids.begin(), ids.end(), std::not_equal_to<>()) == ids.end()) {
      if (finder_.owner(ids[0]) < 0) return mapped(ids[0]);
    }
    const Node& node = g_[ids[0]];
    if (finder_.owner(ids[0]) < 0) return stacked(ids);
    if (node.op->kind == Kind::recur) return loop(ids);
    std::vector<int> inputs;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) inputs.push_back(of(inputs_of(ids, k)).id);
    return out_.copy(node, inputs);
  }

  Signal mapped(int id) const { return {&out_, map_[at(id)]}; }

  std::vector<int> inputs_of(const std::vector<int>& ids, std::size_t k) const {
    std::vector<int> inputs;
    for (const int id : ids) inputs.push_back(g_[id].inputs[k]);
    return inputs;
  }

  /// Numbers that rest, one behind another.
  Signal stacked(const std::vector<int>& ids) {
    std::vector<Signal> signals;
    for (const int id : ids) signals.push_back(mapped(id));
    return stacked(signals);
  }

  Signal stacked(const std::vector<Signal>& signals) {
    const auto differ = [](Signal a, Signal b) { return a.id != b.id; };
    if (std::adjacent_find(signals.begin(), signals.end(), differ) == signals.end()) return signals[0];
    std::vector<double> values;
    for (const Signal s : signals) {
      const Node& node = out_[s.id];
      if (node.op->kind == Kind::constant) values.push_back(node.attributes.value);
    }
    if (values.size() == signals.size()) return tensor(out_, values, shape_);
    auto order = std::make_shared<std::vector<std::int32_t>>(signals.size());
    std::iota(order->begin(), order->end(), 0);
    return out_.add(ops::view, signals, {.name = std::string(batch_name), .shape = shape_, .map = std::move(order)});
  }

  /// One loop whose states are vectors. Constants of the bodies that differ come in from outside.
  Signal loop(const std::vector<int>& ids) {
    if (const auto affine = affine_loop(g_, ids[0]); affine && is_time_invariant(g_, *affine)) return turned_loop(ids);
    const Recurrence& first = *g_[ids[0]].attributes.recurrence;
    std::vector<Signal> inputs;
    for (std::size_t k = 0; k < g_[ids[0]].inputs.size(); ++k) inputs.push_back(of(inputs_of(ids, k)));
    auto made = std::make_shared<Recurrence>();
    made->body = std::make_unique<Graph>();
    Graph& body = *made->body;
    std::vector<Signal> value;
    const auto argument = [&](std::size_t k) {
      return body.typed(ops::argument, out_[inputs[k].id].type, {.size = static_cast<std::int64_t>(k)});
    };
    for (int id = 0; id < first.body->size(); ++id) {
      const Node& node = (*first.body)[id];
      const auto number = static_cast<std::size_t>(node.attributes.size);
      if (node.op->kind == Kind::state) {
        value.push_back(
            body.typed(ops::state, {.clock = Clock::frame, .shape = shape_}, {.size = node.attributes.size}, node.path));
      } else if (node.op->kind == Kind::argument) {
        value.push_back(argument(number));
      } else if (node.op->kind == Kind::constant) {
        const std::vector<double> values = constants(ids, id);
        const bool same = std::all_of(values.begin(), values.end(), [&](double x) { return x == values[0]; });
        if (!same) inputs.push_back(tensor(out_, values, shape_));
        value.push_back(same ? body.constant(values[0]) : argument(inputs.size() - 1));
      } else {
        std::vector<int> from;
        for (const int x : node.inputs) from.push_back(value[at(x)].id);
        value.push_back(body.copy(node, from));
      }
    }
    made->states = first.states;
    for (RecurrenceState& state : made->states) {
      state.node = value[at(state.node)].id;
      state.next = expand(value[at(state.next)], shape_).id;
      inputs[at(state.initial)] = as_row(inputs[at(state.initial)]);
    }
    for (const int result : first.results) made->results.push_back(expand(value[at(result)], shape_).id);
    return placed(ids[0], std::move(made), inputs);
  }

  Signal placed(int like, std::shared_ptr<const Recurrence> recurrence, const std::vector<Signal>& inputs) {
    Node node = g_[like];
    node.attributes.recurrence = std::move(recurrence);
    std::vector<int> given;
    for (const Signal x : inputs) given.push_back(x.id);
    return out_.copy(node, given);
  }

  /// A constant that states begin with, for each of them.
  Signal as_row(Signal initial) {
    const Node& node = out_[initial.id];
    if (node.op->kind != Kind::constant) return initial;
    return tensor(out_, std::vector<double>(static_cast<std::size_t>(shape_.elements()), node.attributes.value), shape_);
  }

  /// Affine loops of one or two states, in coordinates that keep poles near 1 apart from 1: a value u, and the difference v to
  /// the second state. Their steps, u' = u + a u + b v + x and v' = c u + d v + y, have coefficients computed in double.
  Signal turned_loop(const std::vector<int>& ids) {
    std::vector<AffineLoop> loops;
    for (const int id : ids) loops.push_back(*affine_loop(g_, id));
    const bool two = loops[0].states == 2;
    const auto each = [&](auto coefficient) {
      std::vector<Signal> signals;
      for (const AffineLoop& loop : loops) signals.push_back(coefficient(loop));
      return stacked(signals);
    };
    const auto entry = [this](const AffineLoop& loop, std::size_t k) { return mapped(loop.matrix[k]); };
    const auto first = [this](const AffineLoop& loop, std::size_t k) { return mapped(loop.initial[k]); };
    const auto offset = [&](std::size_t k) {
      std::vector<int> same;
      for (const AffineLoop& loop : loops) same.push_back(loop.offset[k]);
      return of(same);
    };
    std::vector<Signal> inputs;
    if (two) {
      inputs = {each([&](const auto& m) { return entry(m, 0) + entry(m, 1) - 1.0; }),
                each([&](const auto& m) { return -entry(m, 1); }),
                each([&](const auto& m) { return entry(m, 0) + entry(m, 1) - entry(m, 2) - entry(m, 3); }),
                each([&](const auto& m) { return entry(m, 3) - entry(m, 1); }),
                offset(0),
                offset(1),
                as_row(each([&](const auto& m) { return first(m, 0); })),
                as_row(each([&](const auto& m) { return first(m, 0) - first(m, 1); }))};
    } else {
      inputs = {each([&](const auto& m) { return entry(m, 0) - 1.0; }), offset(0),
                as_row(each([&](const auto& m) { return first(m, 0); }))};
    }
    auto made = std::make_shared<Recurrence>();
    made->body = std::make_unique<Graph>();
    Graph& body = *made->body;
    made->states = g_[ids[0]].attributes.recurrence->states;
    std::vector<Signal> x, state, next;
    for (std::size_t k = 0; k < inputs.size(); ++k)
      x.push_back(body.typed(ops::argument, out_[inputs[k].id].type, {.size = static_cast<std::int64_t>(k)}));
    for (std::size_t k = 0; k < made->states.size(); ++k) {
      RecurrenceState& own = made->states[k];
      state.push_back(
          body.typed(ops::state, {.clock = Clock::frame, .shape = shape_}, {.size = static_cast<std::int64_t>(k)}, own.name));
      own.node = state[k].id;
      own.initial = static_cast<int>((two ? 6 : 2) + k);
    }
    if (two) {
      next.push_back(state[0] + (x[0] * state[0] + (x[1] * state[1] + x[4])));
      next.push_back(x[2] * state[0] + (x[3] * state[1] + (x[4] - x[5])));
    } else {
      next.push_back(state[0] + (x[0] * state[0] + x[1]));
    }
    for (std::size_t k = 0; k < next.size(); ++k) made->states[k].next = next[k].id;
    for (const AffineLoop::Result& result : loops[0].results) {
      const std::vector<Signal>& at_frame = result.after ? next : state;
      made->results.push_back(result.state == 0 ? at_frame[0].id : (at_frame[0] - at_frame[1]).id);
    }
    return placed(ids[0], std::move(made), inputs);
  }

  std::vector<double> constants(const std::vector<int>& ids, int inner) const {
    std::vector<double> values;
    for (const int id : ids) values.push_back((*g_[id].attributes.recurrence->body)[inner].attributes.value);
    return values;
  }

  const Graph& g_;
  const PartFinder& finder_;
  Graph& out_;
  const std::vector<int>& map_;
  const Shape shape_;
  std::map<std::vector<int>, Signal> made_;  ///< by the nodes of all parts
};

}  // namespace

Rewritten batch_isomorphic(const Graph& graph) {
  PartFinder finder(graph);
  std::vector<int> map;
  Rewritten result = rewrite(graph, {}, [&](Graph& out, const Node& node, std::span<const int> inputs) -> Signal {
    const int id = static_cast<int>(map.size());
    Signal made{};
    if (const auto parts = finder.parts_of(id)) {
      BatchWriter writer(graph, finder, out, map, parts->terms.size());
      made = out.add(ops::sum_to, std::array{writer.of(parts->terms)}, {.name = std::string(batch_name)}, node.origin);
      for (const int term : parts->rest) made = made + Signal{&out, map[at(term)]};
    } else {
      made = out.copy(node, inputs);
    }
    map.push_back(made.id);
    return made;
  });
  return result;
}

}  // namespace dgen::passes

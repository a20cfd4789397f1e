#include "passes/batch_isomorphic.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>

#include "base/index.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "dgen/views.h"
#include "graph/affine_loop.h"
#include "passes/equal_parts.h"
#include "passes/turned_loop.h"

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
    if (const auto affine = affine_loop(g_, ids[0]); affine && is_time_invariant(g_, *affine)) return turned_loops(ids);
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
      inputs[at(state.initial)] = as_row(out_, inputs[at(state.initial)], shape_);
    }
    for (const int result : first.results) made->results.push_back(expand(value[at(result)], shape_).id);
    return placed(ids, std::move(made), inputs);
  }

  /// One loop in place of `ids`. difference: number of the state that is one.
  Signal placed(const std::vector<int>& ids, std::shared_ptr<Recurrence> recurrence, const std::vector<Signal>& inputs,
                std::optional<std::size_t> difference = {}) {
    for (std::size_t k = 0; k < recurrence->states.size(); ++k) {
      for (const int id : ids) {
        std::string name = g_[id].attributes.recurrence->states[k].name;
        if (k == difference) name += difference_suffix;
        recurrence->states[k].lanes.push_back(std::move(name));
      }
    }
    Node node = g_[ids[0]];
    node.attributes.recurrence = std::move(recurrence);
    std::vector<int> given;
    for (const Signal x : inputs) given.push_back(x.id);
    return out_.copy(node, given);
  }

  /// As rows in turned coordinates, whose coefficients are computed in double, loop by loop.
  Signal turned_loops(const std::vector<int>& ids) {
    std::vector<AffineLoop> loops;
    for (const int id : ids) loops.push_back(*affine_loop(g_, id));
    const bool companion = std::ranges::all_of(loops, [this](const AffineLoop& loop) { return is_companion(g_, loop); });
    const auto numbers = [this](const std::vector<int>& nodes) {
      std::vector<Signal> signals;
      for (const int id : nodes) signals.push_back(mapped(id));
      return signals;
    };
    std::vector<LoopRows> each;
    for (const AffineLoop& loop : loops) each.push_back(turned({numbers(loop.matrix), {}, numbers(loop.initial)}, companion));
    LoopRows rows;
    const auto rows_of = [&](std::vector<Signal> LoopRows::*coefficients) {
      for (std::size_t k = 0; k < (each[0].*coefficients).size(); ++k) {
        std::vector<Signal> row;
        for (const LoopRows& loop : each) row.push_back((loop.*coefficients)[k]);
        (rows.*coefficients).push_back(stacked(row));
      }
    };
    rows_of(&LoopRows::matrix);
    rows_of(&LoopRows::initial);
    for (std::size_t k = 0; k < (companion ? 1 : loops[0].states); ++k) {
      std::vector<int> offsets;
      for (const AffineLoop& loop : loops) offsets.push_back(loop.offset[k]);
      rows.offset.push_back(of(offsets));
    }
    TurnedLoop made = turned_loop(out_, *g_[ids[0]].attributes.recurrence, loops[0], rows, shape_);
    return placed(ids, std::move(made.recurrence), made.inputs, difference_state(companion));
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

/// A number that rests and is a factor of every part, in the same place: it goes around the sum. The parts then are what it
/// multiplies.
std::optional<int> take_common_factor(const Graph& g, const PartFinder& finder, std::vector<int>& parts) {
  const auto is_product = [&](int id) { return g[id].op == &ops::mul; };
  if (!std::ranges::all_of(parts, is_product)) return {};
  for (const std::size_t k : {0, 1}) {
    const int factor = g[parts[0]].inputs[k];
    const auto fits = [&](int id) { return g[id].inputs[k] == factor && finder.owner(g[id].inputs[1 - k]) >= 0; };
    if (moves(g[factor].type) || g[factor].type.shape.rank != 0 || !std::ranges::all_of(parts, fits)) continue;
    for (int& part : parts) part = g[part].inputs[1 - k];
    return factor;
  }
  return {};
}

}  // namespace

Rewritten batch_isomorphic(const Graph& graph) {
  PartFinder finder(graph);
  std::vector<int> map;
  Rewritten result = rewrite(graph, {}, [&](Graph& out, const Node& node, std::span<const int> inputs) -> Signal {
    const int id = static_cast<int>(map.size());
    Signal made{};
    if (const auto parts = finder.parts_of(id)) {
      BatchWriter writer(graph, finder, out, map, parts->terms.size());
      std::vector<int> terms = parts->terms;
      const std::optional<int> factor = take_common_factor(graph, finder, terms);
      made = out.add(ops::sum_to, std::array{writer.of(terms)}, {.name = std::string(batch_name)}, node.origin);
      if (factor) made = made * Signal{&out, map[at(*factor)]};
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

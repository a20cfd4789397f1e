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
    return placed(ids, std::move(made), inputs);
  }

  Signal placed(const std::vector<int>& ids, std::shared_ptr<Recurrence> recurrence, const std::vector<Signal>& inputs) {
    for (std::size_t k = 0; k < recurrence->states.size(); ++k) {
      for (const int id : ids) recurrence->states[k].lanes.push_back(g_[id].attributes.recurrence->states[k].name);
    }
    Node node = g_[ids[0]];
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

  using Loops = std::vector<AffineLoop>;

  /// A row of one number of each loop.
  template <class Of>
  Signal row_of(const Loops& loops, Of of) {
    std::vector<Signal> signals;
    for (const AffineLoop& loop : loops) signals.push_back(of(loop));
    return stacked(signals);
  }

  Signal offset_of(const Loops& loops, std::size_t k) {
    std::vector<int> ids;
    for (const AffineLoop& loop : loops) ids.push_back(loop.offset[k]);
    return of(ids);
  }

  /// Whether the second state is the first of the frame before, as in a resonator.
  bool is_companion(const Loops& loops) const {
    const auto is = [this](int id, double number) {
      return g_[id].op->kind == Kind::constant && g_[id].attributes.value == number;
    };
    return std::all_of(loops.begin(), loops.end(), [&](const AffineLoop& loop) {
      return loop.states == 2 && is(loop.matrix[2], 1) && is(loop.matrix[3], 0) && is(loop.offset[1], 0);
    });
  }

  /// Affine loops of one or two states, in coordinates that keep poles near 1 apart from 1: a value u, and the difference v to
  /// the second state. Their steps, u' = u + a u + b v + x and v' = v + c u + d v + y, have coefficients computed in double: as a
  /// float, what is near 1 would lose what it is short of 1, and with it how fast a narrow filter decays.
  Signal turned_loop(const std::vector<int>& ids) {
    Loops loops;
    for (const int id : ids) loops.push_back(*affine_loop(g_, id));
    const auto matrix = [this](const AffineLoop& loop, std::size_t k) { return mapped(loop.matrix[k]); };
    const auto first = [this](const AffineLoop& loop, std::size_t k) { return mapped(loop.initial[k]); };
    std::vector<Signal> given;
    if (loops[0].states == 1) {
      given = {row_of(loops, [&](const auto& m) { return matrix(m, 0) - 1.0; }), offset_of(loops, 0),
               as_row(row_of(loops, [&](const auto& m) { return first(m, 0); }))};
      return turned_body(ids, loops[0], given, false);
    }
    const bool companion = is_companion(loops);
    given.push_back(row_of(loops, [&](const auto& m) { return matrix(m, 0) + matrix(m, 1) - 1.0; }));
    given.push_back(row_of(loops, [&](const auto& m) { return companion ? -1.0 - matrix(m, 1) : -matrix(m, 1); }));
    given.push_back(offset_of(loops, 0));
    if (!companion) {
      given.push_back(row_of(loops, [&](const auto& m) { return matrix(m, 0) + matrix(m, 1) - matrix(m, 2) - matrix(m, 3); }));
      given.push_back(row_of(loops, [&](const auto& m) { return matrix(m, 3) - matrix(m, 1) - 1.0; }));
      given.push_back(offset_of(loops, 1));
    }
    given.push_back(as_row(row_of(loops, [&](const auto& m) { return first(m, 0); })));
    given.push_back(as_row(row_of(loops, [&](const auto& m) { return first(m, 0) - first(m, 1); })));
    return turned_body(ids, loops[0], given, companion);
  }

  /// The loop of `turned_loop`, in place of recur nodes `ids`. given: a, b, x, and where they differ c, d, y; initial values.
  Signal turned_body(const std::vector<int>& ids, const AffineLoop& loop, const std::vector<Signal>& given, bool companion) {
    auto made = std::make_shared<Recurrence>();
    made->body = std::make_unique<Graph>();
    Graph& body = *made->body;
    made->states = g_[ids[0]].attributes.recurrence->states;
    std::vector<Signal> x, state, next;
    for (std::size_t k = 0; k < given.size(); ++k)
      x.push_back(body.typed(ops::argument, out_[given[k].id].type, {.size = static_cast<std::int64_t>(k)}));
    for (std::size_t k = 0; k < loop.states; ++k) {
      const Type row{.clock = Clock::frame, .shape = shape_};
      state.push_back(body.typed(ops::state, row, {.size = static_cast<std::int64_t>(k)}, made->states[k].name));
    }
    if (loop.states == 1) {
      next = {state[0] + (x[0] * state[0] + x[1])};
    } else if (companion) {
      // a u + v + (b - 1) v + x, in which u comes last: it waits for the v of the frame before.
      const Signal step = state[1] + (x[0] * state[0] + (x[1] * state[1] + x[2]));
      next = {state[0] + step, step};
    } else {
      next = {state[0] + (x[0] * state[0] + (x[1] * state[1] + x[2])),
              state[1] + (x[4] * state[1] + (x[3] * state[0] + (x[2] - x[5])))};
    }
    for (std::size_t k = 0; k < loop.states; ++k) {
      RecurrenceState& own = made->states[k];
      own.node = state[k].id, own.next = next[k].id;
      own.initial = static_cast<int>(given.size() - loop.states + k);
    }
    for (const AffineLoop::Result& result : loop.results) {
      const std::vector<Signal>& values = result.after ? next : state;
      made->results.push_back(result.state == 0 ? values[0].id : (values[0] - values[1]).id);
    }
    return placed(ids, std::move(made), given);
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

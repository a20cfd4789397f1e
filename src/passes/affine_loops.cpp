#include "passes/affine_loops.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/index.h"
#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "graph/affine_loop.h"
#include "passes/derivatives.h"
#include "passes/loop_latency.h"
#include "passes/rewrite.h"

namespace dgen::passes {

namespace {

/// A body node as a function of the states: rest + sum of by[k] state[k]. Empty signals are zeros.
struct Affine {
  Signal rest{};
  std::vector<Signal> by{};
  bool depends() const {
    return std::any_of(by.begin(), by.end(), [](Signal s) { return static_cast<bool>(s); });
  }
};

Signal plus(Signal a, Signal b) { return !a ? b : !b ? a : a + b; }

Signal times(Signal a, Signal b) {
  const auto is_one = [](Signal s) { return (*s.graph)[s.id].op->kind == Kind::constant && constant_value(s, "factor") == 1; };
  return is_one(a) ? b : is_one(b) ? a : a * b;
}

/// Writes what a recurrence computes as an affine function of its states, into the graph outside.
class AffineBody {
 public:
  AffineBody(const Recurrence& recurrence, Graph& out, std::span<const int> arguments)
      : recurrence_(recurrence), body_(*recurrence.body), out_(out), arguments_(arguments), value_(at(body_.size())) {}

  /// False where a node is not affine in the states.
  bool write() {
    for (int id = 0; id < body_.size(); ++id) {
      std::optional<Affine> made = affine(body_[id]);
      if (!made) return false;
      value_[at(id)] = std::move(*made);
    }
    return true;
  }

  Signal coefficient(int id, std::size_t state) { return or_zero(value_[at(id)].by[state]); }
  Signal rest(int id) { return or_zero(value_[at(id)].rest); }
  /// Not 0 in frames in which a coefficient may have been chosen to be 0, so that nothing of a state goes on; empty where there
  /// are none.
  Signal resets() const { return resets_; }

  /// The node's value, given those of the states.
  Signal of(int id, std::span<const Signal> states) {
    const Affine& value = value_[at(id)];
    Signal sum = value.rest;
    for (std::size_t k = 0; k < states.size(); ++k) {
      if (value.by[k]) sum = plus(sum, times(value.by[k], states[k]));
    }
    return or_zero(sum);
  }

 private:
  Signal or_zero(Signal s) { return s ? s : out_.constant(0); }
  Affine free(Signal rest) const { return {rest, std::vector<Signal>(recurrence_.states.size())}; }

  std::optional<Affine> affine(const Node& node) {
    switch (node.op->kind) {
      case Kind::constant: return free(out_.constant(node.attributes.value));
      case Kind::argument: return free({&out_, arguments_[static_cast<std::size_t>(node.attributes.size)]});
      case Kind::state: {
        Affine made = free({});
        made.by[static_cast<std::size_t>(node.attributes.size)] = out_.constant(1);
        return made;
      }
      case Kind::pointwise:
      case Kind::gather: return function(node);
      default: return {};  // reads and writes of what is no cell
    }
  }

  std::optional<Affine> function(const Node& node) {
    std::vector<bool> varying;
    std::vector<int> rests;
    for (const int x : node.inputs) {
      varying.push_back(value_[at(x)].depends());
      rests.push_back(rest(x).id);
    }
    if (std::find(varying.begin(), varying.end(), true) == varying.end()) return free(out_.copy(node, rests));
    if (node.op->kind != Kind::pointwise) return {};
    if (node.op->choice && !varying[0]) return choice(node, rests[0]);
    return product(node, varying, rests);
  }

  /// The condition does not depend on the states: each part of the value is chosen by it. Where it chooses between a state
  /// and none, as a reset does, a coefficient is exactly 0 there, and is taken for none.
  std::optional<Affine> choice(const Node& node, int condition) {
    const Affine& a = value_[at(node.inputs[1])];
    const Affine& b = value_[at(node.inputs[2])];
    note_resets(a, b, {&out_, condition});
    const auto chosen = [&](Signal taken, Signal otherwise) {
      if (!taken && !otherwise) return Signal{};
      const std::array inputs{condition, or_zero(taken).id, or_zero(otherwise).id};
      return out_.copy(node, inputs);
    };
    Affine made = free(chosen(a.rest, b.rest));
    for (std::size_t k = 0; k < made.by.size(); ++k) made.by[k] = chosen(a.by[k], b.by[k]);
    return made;
  }

  void note_resets(const Affine& a, const Affine& b, Signal condition) {
    const auto ends = [](const Affine& taken, const Affine& otherwise) {
      for (std::size_t k = 0; k < taken.by.size(); ++k) {
        if (!taken.by[k] && otherwise.by[k]) return true;
      }
      return false;
    };
    const auto note = [&](Signal where) { resets_ = resets_ ? ops::logical_or(resets_, where) : where; };
    if (ends(a, b)) note(condition);
    if (ends(b, a)) note(ops::logical_not(condition));
  }

  /// Affine where the derivatives by what depends on the states do not depend on them, and the gradient rule is no policy
  /// that differs from the function's own derivative, as that of mod.
  std::optional<Affine> product(const Node& node, const std::vector<bool>& varying, const std::vector<int>& rests) {
    if (!is_affine(node, varying)) return {};
    const Derivatives derivatives(node);
    std::vector<Signal> x;
    for (const int id : rests) x.push_back({&out_, id});
    Affine made = free({});
    for (std::size_t k = 0; k < varying.size(); ++k) {
      if (!varying[k]) continue;
      const Signal factor = derivatives.write(k, out_, x);
      const Affine& input = value_[at(node.inputs[k])];
      if (input.rest) made.rest = plus(made.rest, times(factor, input.rest));
      for (std::size_t s = 0; s < made.by.size(); ++s) {
        if (input.by[s]) made.by[s] = plus(made.by[s], times(factor, input.by[s]));
      }
    }
    made.rest = plus(made.rest, value_at_zero(node, varying, rests));
    return made;
  }

  /// The value where all that depends on the states is 0; empty where that is 0 whatever the others are, as of a product.
  Signal value_at_zero(const Node& node, const std::vector<bool>& varying, const std::vector<int>& rests) {
    if (vanishes_at_zero(*node.op, varying)) return {};
    std::vector<int> inputs;
    for (std::size_t k = 0; k < varying.size(); ++k) inputs.push_back(varying[k] ? out_.constant(0).id : rests[k]);
    return out_.copy(node, inputs);
  }

  const Recurrence& recurrence_;
  const Graph& body_;
  Graph& out_;
  std::span<const int> arguments_;
  std::vector<Affine> value_;
  Signal resets_{};
};

bool may_scan(const Recurrence& recurrence, const Graph& outer, std::span<const int> inputs) {
  if (recurrence.states.empty() || recurrence.states.size() > affine_states) return false;
  const auto shaped = [](const Node& node) { return node.type.shape.rank > 0; };
  const auto nodes = recurrence.body->nodes();
  if (std::any_of(nodes.begin(), nodes.end(), shaped)) return false;  // runs a vector of elements at a time
  return std::all_of(recurrence.states.begin(), recurrence.states.end(), [&](const RecurrenceState& state) {
    return state.form == RecurrenceState::Form::cell && outer[inputs[at(state.initial)]].type.clock <= Clock::control;
  });
}

constexpr double lanes = 8;        ///< of work that is done for several frames at once
constexpr double transfer = 0.75;  ///< a value of a frame from a vector stage to one that goes frame by frame

/// Cycles a frame of the sums, and of the work outside that was added for them: nodes from `first` on.
double cycles_of_sums(const Graph& out, int first, std::span<const int> given, std::size_t count) {
  double cycles = loop_latency_of_one * static_cast<double>((count + 1) / 2 + 1);  // two chains, then their sum
  for (std::size_t k = 0; k < count * count + count; ++k) {
    if (out[given[k]].type.clock > Clock::control) cycles += transfer;
  }
  for (int id = first; id < out.size(); ++id) {
    if (out[id].type.clock > Clock::control) cycles += out[id].op->cost / lanes;
  }
  return cycles;
}

/// The results of the recurrence as outer signals; none where it is not affine.
std::vector<Signal> scanned(const Node& recur, Graph& out, std::span<const int> inputs) {
  const Recurrence& original = *recur.attributes.recurrence;
  if (!may_scan(original, out, inputs)) return {};
  const int first = out.size();
  AffineBody body(original, out, inputs);
  if (!body.write()) return {};
  const std::size_t count = original.states.size();
  std::vector<int> given;
  for (const RecurrenceState& state : original.states) {
    for (std::size_t j = 0; j < count; ++j) given.push_back(body.coefficient(state.next, j).id);
  }
  for (const RecurrenceState& state : original.states) given.push_back(body.rest(state.next).id);
  for (const RecurrenceState& state : original.states) given.push_back(inputs[at(state.initial)]);
  if (count > scan_states && cycles_of_sums(out, first, given, count) >= loop_latency(original)) return {};
  Node loop = recur;
  const Signal resets = count > scan_states ? body.resets() : Signal{};  // a scan looks at its coefficients
  if (resets) given.push_back(resets.id);
  loop.attributes.recurrence = affine_recurrence(original, out, given);
  const Signal made = out.copy(loop, given);
  std::vector<Signal> before, after;
  for (std::size_t k = 0; k < 2 * count; ++k) {
    const std::array from{made};
    (k < count ? before : after).push_back(out.add(ops::result, from, {.size = static_cast<std::int64_t>(k)}, recur.origin));
  }
  std::vector<Signal> results;
  for (const int id : original.results) {
    const auto next = std::find_if(original.states.begin(), original.states.end(), [&](const auto& s) { return s.next == id; });
    results.push_back(next != original.states.end() ? after[static_cast<std::size_t>(next - original.states.begin())]
                                                    : body.of(id, before));
  }
  return results;
}

/// The body as one element of it computes: views that keep elements where they are are gone, tensors are arguments.
class ElementBody {
 public:
  ElementBody(const Recurrence& recurrence, std::size_t inputs) : body_(*recurrence.body), inputs_(inputs) {
    made_.body = std::make_unique<Graph>();
    made_.states = recurrence.states;
    for (int id = 0; id < body_.size(); ++id) node_.push_back(number_of(id));
    for (RecurrenceState& state : made_.states) state.node = node_[at(state.node)], state.next = node_[at(state.next)];
  }
  const Recurrence& recurrence() const { return made_; }
  const std::vector<int>& tensors() const { return tensors_; }

 private:
  int argument(std::size_t number, Clock clock) {
    return made_.body->typed(ops::argument, {.clock = clock}, {.size = static_cast<std::int64_t>(number)}).id;
  }

  int number_of(int id) {
    Node node = body_[id];
    node.type.shape = {};
    std::vector<int> inputs;
    for (const int x : node.inputs) inputs.push_back(node_[at(x)]);
    const Kind kind = node.op->kind;
    if (kind == Kind::constant) return made_.body->constant(node.attributes.value).id;
    if (kind == Kind::argument) return argument(static_cast<std::size_t>(node.attributes.size), node.type.clock);
    if (kind == Kind::state) return made_.body->typed(ops::state, node.type, node.attributes, node.path).id;
    if (kind == Kind::pointwise) return made_.body->copy(node, inputs).id;
    if (kind == Kind::tensor) {
      tensors_.push_back(id);
      return argument(inputs_ + tensors_.size() - 1, Clock::constant);
    }
    check(kind == Kind::expand || kind == Kind::reshape || kind == Kind::contract, "elements of the loop are apart");
    return inputs[0];
  }

  const Graph& body_;
  const std::size_t inputs_;
  Recurrence made_;
  std::vector<int> node_, tensors_;
};

}  // namespace

Rewritten affine_loops(const Graph& graph) {
  std::map<int, std::vector<Signal>> results;  // by recur node of the new graph
  return rewrite(graph, {}, [&](Graph& out, const Node& node, std::span<const int> inputs) -> Signal {
    if (node.op->kind == Kind::result) {
      const auto found = results.find(inputs[0]);
      return found == results.end() ? Signal{} : found->second[static_cast<std::size_t>(node.attributes.size)];
    }
    if (node.op->kind != Kind::recur) return {};
    std::vector<Signal> made = scanned(node, out, inputs);
    if (made.empty()) return {};
    const Signal stands_for = out.copy(node, inputs);  // dead once its results are replaced
    results[stands_for.id] = std::move(made);
    return stands_for;
  });
}

std::optional<AffineElement> affine_element(const Recurrence& recurrence, std::size_t inputs) {
  const std::size_t count = recurrence.states.size();
  const bool cells = std::ranges::all_of(recurrence.states,
                                         [](const RecurrenceState& state) { return state.form == RecurrenceState::Form::cell; });
  if (!cells || count == 0 || count > scan_states) return {};
  const ElementBody element(recurrence, inputs);
  AffineElement made{.graph = std::make_unique<Graph>(), .tensors = element.tensors()};
  std::vector<int> arguments;
  for (std::size_t k = 0; k < inputs + made.tensors.size(); ++k)
    arguments.push_back(made.graph->typed(ops::argument, {.clock = Clock::frame}, {.size = static_cast<std::int64_t>(k)}).id);
  AffineBody body(element.recurrence(), *made.graph, arguments);
  if (!body.write()) return {};
  for (const RecurrenceState& state : element.recurrence().states) {
    for (std::size_t j = 0; j < count; ++j) made.matrix.push_back(body.coefficient(state.next, j).id);
    made.offset.push_back(body.rest(state.next).id);
  }
  return made;
}

}  // namespace dgen::passes

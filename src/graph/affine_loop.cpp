#include "graph/affine_loop.h"

#include <algorithm>
#include <set>

#include "base/index.h"
#include "dgen/compare.h"
#include "dgen/math.h"
#include "dgen/time.h"

namespace dgen {

namespace {

/// The number of the argument that body node `id` is; -1 for anything else.
int argument_of(const Graph& body, int id) {
  return body[id].op->kind == Kind::argument ? static_cast<int>(body[id].attributes.size) : -1;
}

/// Follows the sum of row k from its last term to its first. Whether it is what `affine_recurrence` writes.
bool is_row(const Graph& body, const Recurrence& recurrence, std::size_t k) {
  const std::size_t count = recurrence.states.size();
  int sum = recurrence.states[k].next;
  for (std::size_t j = count; j-- > 0;) {
    const Node& node = body[sum];
    if (!node.op->additive) return false;
    const Node& product = body[node.inputs[1]];
    if (product.op != &ops::mul || product.inputs[1] != recurrence.states[j].node) return false;
    if (argument_of(body, product.inputs[0]) != static_cast<int>(k * count + j)) return false;
    sum = node.inputs[0];
  }
  return argument_of(body, sum) == static_cast<int>(count * count + k);
}

Signal sum_of(Signal sum, std::span<const Signal> terms) {
  for (const Signal term : terms) sum = sum + term;
  return sum;
}

/// In two chains that run beside each other: a loop frame by frame waits for the longest.
Signal sum_of_two(Signal offset, std::span<const Signal> terms) {
  const std::size_t half = (terms.size() + 1) / 2;
  const Signal first = sum_of(offset, terms.first(half));
  return half < terms.size() ? first + sum_of(terms[half], terms.subspan(half + 1)) : first;
}

}  // namespace

std::shared_ptr<const Recurrence> affine_recurrence(const Recurrence& original, const Graph& outer, std::span<const int> inputs) {
  const std::size_t count = original.states.size();
  auto made = std::make_shared<Recurrence>();
  made->body = std::make_unique<Graph>();
  Graph& body = *made->body;
  made->states = original.states;
  for (std::size_t k = 0; k < count; ++k) {
    RecurrenceState& state = made->states[k];
    state.initial = static_cast<int>(count * count + count + k);
    state.node = body.typed(ops::state, {.clock = Clock::frame}, {.size = static_cast<std::int64_t>(k)}, state.name).id;
    made->results.push_back(state.node);
  }
  const auto argument = [&](std::size_t number) {
    return body.typed(ops::argument, outer[inputs[number]].type, {.size = static_cast<std::int64_t>(number)});
  };
  const bool resets = inputs.size() > count * count + 2 * count;
  const Signal reset = resets ? argument(count * count + 2 * count) : Signal{};
  for (std::size_t k = 0; k < count; ++k) {
    const Signal offset = argument(count * count + k);
    std::vector<Signal> terms, stopped;
    for (std::size_t j = 0; j < count; ++j) {
      const Node& entry = outer[inputs[k * count + j]];
      const bool nothing = entry.op->kind == Kind::constant && entry.attributes.value == 0;
      if (nothing && count > scan_states) continue;  // a scan takes all
      const Signal factor = argument(k * count + j), state{&body, made->states[j].node};
      terms.push_back(ops::mul(factor, state));
      if (resets) stopped.push_back(ops::mul(factor, ops::select(ops::eq(factor, 0.0), 0.0, state)));
    }
    Signal next = count > scan_states ? sum_of_two(offset, terms) : sum_of(offset, terms);
    if (resets) next = ops::select(reset, sum_of_two(offset, stopped), next);
    made->states[k].next = next.id;
    made->results.push_back(next.id);
  }
  return made;
}

std::optional<AffineLoop> affine_loop(const Graph& graph, int recur) {
  const Recurrence& recurrence = *graph[recur].attributes.recurrence;
  const Graph& body = *recurrence.body;
  const std::vector<int>& inputs = graph[recur].inputs;
  const std::size_t count = recurrence.states.size();
  if (count == 0 || count > scan_states || inputs.size() != count * count + 2 * count) return {};
  AffineLoop found{.states = count};
  for (std::size_t k = 0; k < count; ++k) {
    const RecurrenceState& state = recurrence.states[k];
    if (state.form != RecurrenceState::Form::cell || !is_row(body, recurrence, k)) return {};
    if (body[state.next].type.shape.rank > 0) return {};
    if (state.initial != static_cast<int>(count * count + count + k)) return {};
    found.offset.push_back(inputs[count * count + k]);
    found.initial.push_back(inputs[at(state.initial)]);
  }
  found.matrix.assign(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(count * count));
  for (const int result : recurrence.results) {
    const auto is_state = [&](const RecurrenceState& s) { return s.node == result || s.next == result; };
    const auto state = std::find_if(recurrence.states.begin(), recurrence.states.end(), is_state);
    if (state == recurrence.states.end()) return {};
    found.results.push_back({static_cast<std::size_t>(state - recurrence.states.begin()), state->next == result});
  }
  return found;
}

std::vector<bool> may_reset(const Graph& graph, const AffineLoop& loop) {
  const auto is_zero = [&](int id) { return graph[id].op->kind == Kind::constant && graph[id].attributes.value == 0; };
  const auto resets = [&](int entry) {
    std::set<int> seen{entry};
    std::vector<int> waiting{entry};
    while (!waiting.empty()) {
      const Node& node = graph[waiting.back()];
      waiting.pop_back();
      if (node.op->kind != Kind::pointwise) continue;
      if (node.op->choice && (is_zero(node.inputs[1]) || is_zero(node.inputs[2]))) return true;
      for (const int x : node.inputs) {
        if (seen.insert(x).second) waiting.push_back(x);
      }
    }
    return false;
  };
  std::vector<bool> found;
  if (is_time_invariant(graph, loop)) return std::vector<bool>(loop.matrix.size(), false);
  for (const int entry : loop.matrix) found.push_back(resets(entry));
  if (std::find(found.begin(), found.end(), true) == found.end()) return found;
  // Beside a reset, what is always 0 lets nothing through, either.
  for (std::size_t k = 0; k < found.size(); ++k) found[k] = found[k] || is_zero(loop.matrix[k]);
  return found;
}

bool is_time_invariant(const Graph& graph, const AffineLoop& loop) {
  return std::all_of(loop.matrix.begin(), loop.matrix.end(), [&](int id) { return graph[id].type.clock <= Clock::control; });
}

}  // namespace dgen

#include "passes/equal_parts.h"

#include <algorithm>

#include "base/index.h"
#include "graph/affine_loop.h"
#include "graph/turns.h"

namespace dgen::passes {

namespace {

/// Loops of histories that hold numbers, of pointwise work.
bool is_plain_loop(const Recurrence& recurrence) {
  const auto plain = [](const Node& node) {
    const Kind kind = node.op->kind;
    return node.type.shape.rank == 0 &&
           (kind == Kind::pointwise || kind == Kind::constant || kind == Kind::argument || kind == Kind::state);
  };
  const auto cell = [](const RecurrenceState& state) { return state.form == RecurrenceState::Form::cell; };
  const auto nodes = recurrence.body->nodes();
  return std::all_of(nodes.begin(), nodes.end(), plain) && std::all_of(recurrence.states.begin(), recurrence.states.end(), cell);
}

bool wraps(const Recurrence& recurrence) {
  const auto nodes = recurrence.body->nodes();
  return std::any_of(nodes.begin(), nodes.end(), [](const Node& node) { return node.op->modular; });
}

/// Whether a coefficient of 0 may stand for a reset, which sums over vectors would not take for one.
bool resets(const Graph& g, int recur) {
  const auto affine = affine_loop(g, recur);
  const std::vector<bool> entries = affine ? may_reset(g, *affine) : std::vector<bool>{};
  return std::find(entries.begin(), entries.end(), true) != entries.end();
}

std::string numbered(int number) { return " " + std::to_string(number); }

}  // namespace

PartFinder::PartFinder(const Graph& graph) : g_(graph), users_(at(graph.size())), owner_(at(graph.size()), -1) {
  for (int id = 0; id < graph.size(); ++id) {
    for (const int x : graph[id].inputs) users_[at(x)].push_back(id);
  }
  for (const Output& output : graph.outputs()) users_[at(output.node)].push_back(-1);
}

bool PartFinder::is_inner_sum(int id) const {
  const Node& node = g_[id];
  return node.op->additive && node.type.clock == Clock::frame && node.type.shape.rank == 0;
}

void PartFinder::collect(int id, std::vector<int>& terms) const {
  for (const int x : g_[id].inputs) {
    if (is_inner_sum(x) && users_[at(x)].size() == 1)
      collect(x, terms);
    else
      terms.push_back(x);
  }
}

/// Whether a node may be one of many in a vector.
bool PartFinder::may_own(int id) const {
  const Node& node = g_[id];
  const Kind kind = node.op->kind;
  if (kind == Kind::recur) return is_plain_loop(*node.attributes.recurrence) && !resets(g_, id);
  return (kind == Kind::pointwise || kind == Kind::result) && node.type.clock == Clock::frame && node.type.shape.rank == 0;
}

/// A node is a term's own where all that use it are.
void PartFinder::find_owners(int root, const std::vector<int>& terms) {
  std::fill(owner_.begin(), owner_.end(), -1);
  std::map<int, int> number;
  for (const int term : terms) number.emplace(term, static_cast<int>(number.size()));
  for (int id = root - 1; id >= 0; --id) {
    const std::vector<int>& users = users_[at(id)];
    if (users.empty() || !may_own(id)) continue;
    if (const auto term = number.find(id); term != number.end()) {
      owner_[at(id)] = users.size() == 1 ? term->second : -1;
      continue;
    }
    const int first = users.front() < 0 ? -1 : owner_[at(users.front())];
    const auto same = [&](int user) { return user >= 0 && owner_[at(user)] == first; };
    owner_[at(id)] = std::all_of(users.begin(), users.end(), same) ? first : -1;
  }
}

/// Equal bodies but for their constants have the same text.
std::string PartFinder::body_text(const Recurrence& recurrence) const {
  std::string text;
  for (const Node& node : recurrence.body->nodes()) {
    text += std::string(node.op->name) + numbered(static_cast<int>(node.attributes.size));
    for (const int x : node.inputs) text += numbered(x);
    text += ";";
  }
  for (const RecurrenceState& state : recurrence.states)
    text += "state" + numbered(state.node) + numbered(state.next) + numbered(state.initial);
  for (const int result : recurrence.results) text += " result" + numbered(result);
  return text;
}

/// A number for what the node computes: what is no term's own and moves is itself, what rests is any number.
int PartFinder::structure(int id) {
  if (const auto known = structure_of_.find(id); known != structure_of_.end()) return known->second;
  const Node& node = g_[id];
  std::string text;
  if (owner_[at(id)] >= 0) {
    text = std::string(node.op->name) + numbered(static_cast<int>(node.attributes.size));
    if (node.attributes.recurrence) text += "{" + body_text(*node.attributes.recurrence) + "}";
    for (const int x : node.inputs) text += numbered(structure(x));
  } else {
    const bool rests = !moves(node.type) && node.type.shape.rank == 0 && node.op->kind != Kind::reduce;
    text = rests ? "number" : "node" + numbered(id);
  }
  const int made = structures_.try_emplace(text, static_cast<int>(structures_.size())).first->second;
  return structure_of_[id] = made;
}

/// Counts the loops of a term's own that do not run for all frames at once, as an oscillator's phase does.
void PartFinder::count_loops(int id, std::set<int>& seen, Loops& loops) const {
  if (owner_[at(id)] < 0 || !seen.insert(id).second) return;
  const Node& node = g_[id];
  if (node.attributes.recurrence && !wraps(*node.attributes.recurrence)) ++(affine_loop(g_, id) ? loops.scans : loops.others);
  if (const auto sine = sine_of_turns(g_, id); sine && g_[sine->of].op->kind == Kind::result) {
    const Node& phase = g_[g_[sine->of].inputs[0]];
    if (wraps(*phase.attributes.recurrence)) ++loops.oscillators;
  }
  for (const int x : node.inputs) count_loops(x, seen, loops);
}

/// Whether a term is worth a lane. Scans and oscillators run over frames, too: several oscillators are dearer over elements,
/// where each takes a sine a frame instead of a rotation, than a scan is over frames.
bool PartFinder::is_worth_a_lane(int term) const {
  Loops loops;
  std::set<int> seen;
  count_loops(term, seen, loops);
  return loops.others > 0 || 2 * loops.scans > loops.oscillators;
}

std::optional<EqualParts> PartFinder::parts_of(int root) {
  const std::vector<int>& users = users_[at(root)];
  const bool inner = users.size() == 1 && users[0] >= 0 && is_inner_sum(users[0]);
  if (!is_inner_sum(root) || inner) return {};
  std::vector<int> terms;
  collect(root, terms);
  if (terms.size() < fewest_parts) return {};
  find_owners(root, terms);
  structure_of_.clear();
  std::map<int, std::vector<int>> groups;
  for (const int term : terms) {
    if (owner_[at(term)] >= 0) groups[structure(term)].push_back(term);
  }
  const std::vector<int>* most = nullptr;
  for (const auto& [number, group] : groups) {
    if (group.size() >= fewest_parts && is_worth_a_lane(group[0]) && (!most || group.size() > most->size())) most = &group;
  }
  if (!most) return {};
  EqualParts found{.terms = *most};
  for (const int term : terms) {
    if (std::find(most->begin(), most->end(), term) == most->end()) found.rest.push_back(term);
  }
  return found;
}

}  // namespace dgen::passes

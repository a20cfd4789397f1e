#include "schedule/tap_sums.h"

#include <algorithm>
#include <utility>

#include "base/index.h"
#include "dgen/math.h"
#include "schedule/carried_delay.h"

namespace dgen::schedule {

namespace {

bool is_number_per_frame(const Node& node) {
  return node.type.dtype == DType::signal && node.type.clock == Clock::frame && node.type.shape.rank == 0;
}

bool rests(const Node& node) {
  return node.type.dtype == DType::signal && node.type.clock <= Clock::control && node.type.shape.rank == 0;
}

bool is_sum(const Node& node) { return (node.op == &ops::add || node.op == &ops::sub) && is_number_per_frame(node); }

class TapFinder {
 public:
  explicit TapFinder(const Graph& g) : g_(g), users_(at(g.size())), longest_(at(g.size()), 0) {
    for (int id = 0; id < g.size(); ++id) {
      const Node& node = g[id];
      for (const int x : node.inputs) users_[at(x)].push_back(id);
      if (node.op->kind == Kind::line) users_[at(node.feedback)].push_back(outside);
      if (node.op->kind == Kind::line_read) count_delay(g[node.inputs[0]].feedback, g[node.inputs[0]].attributes.size);
      if (node.op->kind != Kind::delay) continue;
      const std::int64_t fixed = constant_delay(g, id);
      count_delay(node.inputs[0], fixed >= 0 ? fixed : node.attributes.size);
    }
    for (const Output& output : g.outputs()) users_[at(output.node)].push_back(outside);
  }

  TapSums find() {
    TapSums found;
    std::set<int> within;
    for (int id = 0; id < g_.size(); ++id) {
      if (!is_sum(g_[id]) || is_inner(id)) continue;
      TapSum sum = sum_at(id);
      if (sum.runs.empty()) continue;
      within.insert(visited_.begin(), visited_.end());
      found.sums[id] = std::move(sum);
    }
    for (const auto& [id, sum] : found.sums) {
      within.erase(id);
      for (const TapSum::Term& term : sum.rest) within.erase(term.node);
      for (const TapRun& run : sum.runs) within.erase(run.source);
    }
    for (auto id = within.rbegin(); id != within.rend(); ++id) {
      const std::vector<int>& users = users_[at(*id)];
      const bool only_here = std::all_of(users.begin(), users.end(),
                                         [&](int user) { return found.absorbed.contains(user) || found.sums.contains(user); });
      if (only_here) found.absorbed.insert(*id);
    }
    return found;
  }

 private:
  static constexpr int outside = -1;

  struct Term {
    TapSum::Term term;
    TapRun::Tap tap;
    int source = -1;
    std::int64_t delay = 0;
  };

  void count_delay(int of, std::int64_t frames) { longest_[at(of)] = std::max(longest_[at(of)], frames); }

  /// A sum that is a term of one other sum only.
  bool is_inner(int id) const {
    const std::vector<int>& users = users_[at(id)];
    if (users.size() != 1 || users[0] == outside) return false;
    return is_sum(g_[users[0]]) || (g_[users[0]].op == &ops::neg && is_inner(users[0]));
  }

  /// The terms of the sum at `root`, from the first to the last.
  std::vector<Term> terms_of(int root) {
    std::vector<Term> terms;
    std::vector<TapSum::Term> open{{root, false}};
    visited_.clear();
    while (!open.empty()) {
      const auto [id, negative] = open.back();
      open.pop_back();
      const Node& node = g_[id];
      visited_.insert(id);
      if (id == root || (is_sum(node) && is_inner(id))) {
        open.push_back({node.inputs[1], negative != (node.op == &ops::sub)});
        open.push_back({node.inputs[0], negative});
      } else if (node.op == &ops::neg && is_inner(id)) {
        open.push_back({node.inputs[0], !negative});
      } else {
        terms.push_back(term_at({id, negative}));
      }
    }
    return terms;
  }

  Term term_at(TapSum::Term term) {
    Term made{.term = term, .tap = {.negative = term.negative}, .source = term.node};
    const Node& node = g_[term.node];
    if (node.op == &ops::mul) {
      const std::size_t resting = rests(g_[node.inputs[0]]) ? 0 : 1;
      if (!rests(g_[node.inputs[resting]])) return made;
      made.tap.coefficient = node.inputs[resting];
      made.source = node.inputs[1 - resting];
    }
    if (const std::int64_t frames = constant_delay(g_, made.source); frames >= 0) {
      visited_.insert(made.source);
      made.delay = frames;
      made.source = g_[made.source].inputs[0];
    }
    return made;
  }

  TapSum sum_at(int root) {
    const std::vector<Term> terms = terms_of(root);
    TapSum sum;
    if (terms.size() < fewest_taps) return sum;
    std::map<std::pair<int, std::int64_t>, std::size_t> tap_at;  // (source, delay) -> number of its term
    for (std::size_t k = 0; k < terms.size(); ++k) {
      const Node& source = g_[terms[k].source];
      const bool in_reach = longest_[at(terms[k].source)] <= longest_reach && is_number_per_frame(source);
      if (in_reach) tap_at.try_emplace({terms[k].source, terms[k].delay}, k);
    }
    std::vector<bool> taken(terms.size(), false);
    for (auto from = tap_at.begin(); from != tap_at.end();) {
      auto to = std::next(from);
      while (to != tap_at.end() && to->first == std::pair(from->first.first, std::prev(to)->first.second + 1)) ++to;
      if (std::distance(from, to) >= static_cast<std::ptrdiff_t>(fewest_taps)) {
        TapRun& run = sum.runs.emplace_back(TapRun{.source = from->first.first, .first = from->first.second});
        for (auto tap = from; tap != to; ++tap) run.taps.push_back(terms[tap->second].tap), taken[tap->second] = true;
      }
      from = to;
    }
    for (std::size_t k = 0; k < terms.size(); ++k) {
      if (!taken[k]) sum.rest.push_back(terms[k].term);
    }
    return sum;
  }

  const Graph& g_;
  std::vector<std::vector<int>> users_;  ///< by node
  std::vector<std::int64_t> longest_;    ///< by node: its longest delay
  std::set<int> visited_;                ///< of the sum looked at last: what it is made of
};

}  // namespace

TapSums find_tap_sums(const Graph& graph) { return TapFinder(graph).find(); }

}  // namespace dgen::schedule

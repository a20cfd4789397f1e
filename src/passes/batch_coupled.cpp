#include "passes/batch_coupled.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/index.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "graph/affine_loop.h"
#include "passes/lane_cost.h"
#include "passes/lane_writer.h"

namespace dgen::passes {

namespace {

constexpr std::size_t fewest_states = 8;
/// Larger bodies take long to look through.
constexpr int most_nodes = 100'000;
/// What makes next states equal: operations so many deep; and whether states are apart from what is computed.
constexpr std::array<std::pair<int, bool>, 6> kinds{{{1, false}, {1, true}, {2, false}, {2, true}, {3, false}, {3, true}}};
/// Vectors that the cost is that of: short ones, on which least is gained.
constexpr int counted_lanes = 8;
/// So many times less work the vectors must be: the estimate is one.
constexpr double least_gain = 1.5;

/// A sum of results of one loop and of other terms.
struct ResultSum {
  std::vector<int> terms;  ///< results
  std::vector<int> rest;
};

class CoupledLoops {
 public:
  explicit CoupledLoops(const Graph& graph) : g_(graph), users_(at(graph.size())) {
    for (int id = 0; id < graph.size(); ++id) {
      for (const int x : graph[id].inputs) users_[at(x)].push_back(id);
    }
    for (const Output& output : graph.outputs()) users_[at(output.node)].push_back(-1);
    find_sums();
  }

  /// What leaves a loop, by node outside: results that somebody takes by themselves, and sums.
  std::map<int, Leaving> leaving(int recur) const {
    const std::vector<int>& results = g_[recur].attributes.recurrence->results;
    const auto inner = [&](int id) { return results[static_cast<std::size_t>(g_[id].attributes.size)]; };
    std::map<int, Leaving> all;
    for (int id = 0; id < g_.size(); ++id) {
      const Node& node = g_[id];
      if (node.op->kind == Kind::result && node.inputs[0] == recur && !only_summed(id)) all[id] = {{inner(id)}};
    }
    for (const auto& [root, sum] : sums_) {
      if (g_[sum.terms[0]].inputs[0] != recur) continue;
      for (const int term : sum.terms) all[root].nodes.push_back(inner(term));
    }
    return all;
  }

  const ResultSum* sum(int id) const {
    const auto found = sums_.find(id);
    return found == sums_.end() ? nullptr : &found->second;
  }

 private:
  bool is_sum(int id) const {
    const Node& node = g_[id];
    return node.op->additive && node.type.clock == Clock::frame && node.type.shape.rank == 0;
  }

  void collect(int id, std::vector<int>& terms, std::vector<int>& inner) const {
    inner.push_back(id);
    for (const int x : g_[id].inputs) {
      if (is_sum(x) && users_[at(x)].size() == 1)
        collect(x, terms, inner);
      else
        terms.push_back(x);
    }
  }

  void find_sums() {
    for (int root = 0; root < g_.size(); ++root) {
      const std::vector<int>& users = users_[at(root)];
      if (!is_sum(root) || (users.size() == 1 && users[0] >= 0 && is_sum(users[0]))) continue;
      std::vector<int> terms, inner;
      collect(root, terms, inner);
      std::map<int, std::vector<int>> of;  // by loop
      for (const int term : terms) {
        if (g_[term].op->kind == Kind::result) of[g_[term].inputs[0]].push_back(term);
      }
      const auto most = std::ranges::max_element(of, {}, [](const auto& each) { return each.second.size(); });
      if (most == of.end() || most->second.size() < fewest_states) continue;
      ResultSum& made = sums_[root];
      made.terms = most->second;
      for (const int term : terms) {
        if (g_[term].op->kind != Kind::result || g_[term].inputs[0] != most->first) made.rest.push_back(term);
      }
      absorbing_[most->first].insert(inner.begin(), inner.end());
    }
  }

  bool only_summed(int result) const {
    const auto absorbing = absorbing_.find(g_[result].inputs[0]);
    return absorbing != absorbing_.end() &&
           std::ranges::all_of(users_[at(result)], [&](int user) { return absorbing->second.contains(user); });
  }

  const Graph& g_;
  std::vector<std::vector<int>> users_;     ///< by node; -1: an output
  std::map<int, ResultSum> sums_;           ///< by root
  std::map<int, std::set<int>> absorbing_;  ///< by loop: sums whose terms it adds up itself
};

bool is_candidate(const Graph& g, int id) {
  const Node& node = g[id];
  if (node.op->kind != Kind::recur || node.attributes.recurrence->states.size() < fewest_states) return false;
  return node.attributes.recurrence->body->size() <= most_nodes && !affine_loop(g, id) && RecurBody(g, id).is_plain();
}

/// The loop over vectors, of the kinds there are the one with least work, where that is less than over numbers.
std::optional<LaneOrder> best_order(const RecurBody& loop, std::span<const Leaving> leaving) {
  std::optional<LaneOrder> best;
  double least = frame_cost(loop.recurrence, 1) / least_gain;
  std::set<std::vector<int>> known;
  for (const auto& [depth, states_apart] : kinds) {
    const auto classes = find_lane_classes(loop, depth, states_apart);
    if (!classes || !known.insert(classes->of).second) continue;
    std::optional<LaneOrder> order = order_lanes(loop, *classes);
    if (!order) continue;
    Graph tried;
    std::vector<int> map(at(loop.outer.size()), -1);
    for (const int x : loop.outer[loop.recur].inputs) {
      const Node& node = loop.outer[x];
      if (map[at(x)] < 0)
        map[at(x)] = node.op->kind == Kind::constant ? tried.constant(node.attributes.value).id
                                                     : tried.typed(ops::argument, node.type, {.size = x}).id;
    }
    const LanedLoop made = write_lanes(loop, *order, leaving, tried, map);
    const double cost = frame_cost(*made.recurrence, counted_lanes);
    if (cost < least) least = cost, best = std::move(order);
  }
  return best;
}

}  // namespace

Rewritten batch_coupled(const Graph& graph) {
  const CoupledLoops loops(graph);
  std::vector<int> map;
  std::map<int, std::map<int, Signal>> given;  // by loop over vectors: what leaves it, by node of `graph`
  return rewrite(graph, {}, [&](Graph& out, const Node& node, std::span<const int> inputs) -> Signal {
    const int id = static_cast<int>(map.size());
    Signal made{};
    if (is_candidate(graph, id)) {
      const RecurBody loop(graph, id);
      const std::map<int, Leaving> leaving = loops.leaving(id);
      std::vector<Leaving> all;
      for (const auto& [outside, each] : leaving) all.push_back(each);
      if (const auto order = best_order(loop, all)) {
        LanedLoop laned = write_lanes(loop, *order, all, out, map);
        Node changed = node;
        changed.attributes.recurrence = std::move(laned.recurrence);
        made = out.copy(changed, laned.inputs);
        std::map<int, Signal>& results = given[id];
        for (const auto& [outside, each] : leaving) {
          const auto number = static_cast<std::int64_t>(results.size());
          results[outside] = out.add(ops::result, std::array{made}, {.size = number}, graph[outside].origin);
        }
      }
    } else if (node.op->kind == Kind::result && given.contains(node.inputs[0])) {
      const auto& results = given.at(node.inputs[0]);
      const auto found = results.find(id);
      made = found == results.end() ? out.constant(0) : found->second;  // of a sum that the loop forms
    } else if (const ResultSum* sum = loops.sum(id); sum && given.contains(graph[sum->terms[0]].inputs[0])) {
      made = given.at(graph[sum->terms[0]].inputs[0]).at(id);
      for (const int term : sum->rest) made = made + Signal{&out, map[at(term)]};
    }
    if (!made) made = out.copy(node, inputs);
    map.push_back(made.id);
    return made;
  });
}

}  // namespace dgen::passes

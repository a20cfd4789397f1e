// The search for a cheap colouring: groups between recurrences first, then single nodes, while the cost falls.

#include <algorithm>

#include "base/index.h"
#include "schedule/colouring.h"

namespace dgen::schedule {

namespace {

class Search {
 public:
  explicit Search(const Graph& graph) : graph_(graph), colouring_(first_colouring(graph)) {
    cost_ = cost_now();
    // The search costs evaluations × nodes; a bound keeps it below about 50 ms for graphs of any size.
    evaluations_left_ = std::max(64, 20'000'000 / (1 + 40 * graph.size()));
  }

  Colouring run() {
    const std::vector<std::vector<int>> groups = groups_between_recurrences();
    for (bool improved = true; improved && evaluations_left_ > 0;) {
      improved = false;
      for (const std::vector<int>& group : groups) improved = try_all(group, Colour::sequential) || improved;
      for (int id = graph_.size() - 1; id >= 0; --id) improved = try_flip(id) || improved;
      for (const std::vector<int>& group : groups) improved = try_all(group, Colour::parallel) || improved;
    }
    return std::move(colouring_);
  }

 private:
  double cost_now() const { return stage_cost(graph_, colouring_.colour, assign_stages(graph_, colouring_.colour)); }

  /// Keeps the new colours when they are cheaper.
  bool try_all(const std::vector<int>& nodes, Colour colour) {
    if (evaluations_left_ <= 0) return false;
    std::vector<Colour> before;
    bool changes = false;
    for (const int id : nodes) {
      before.push_back(colouring_.colour[at(id)]);
      changes = changes || before.back() != colour;
      colouring_.colour[at(id)] = colour;
    }
    if (!changes) return false;
    --evaluations_left_;
    if (const double cost = cost_now(); cost < cost_ - 1e-9) {
      cost_ = cost;
      return true;
    }
    for (std::size_t k = 0; k < nodes.size(); ++k) colouring_.colour[at(nodes[k])] = before[k];
    return false;
  }

  bool try_flip(int id) {
    if (!colouring_.free[at(id)]) return false;
    return try_all({id}, colouring_.colour[at(id)] == Colour::parallel ? Colour::sequential : Colour::parallel);
  }

  /// Free nodes that depend on one recurrence and feed another, connected ones together; then each recurrence's own
  /// free inputs and users.
  std::vector<std::vector<int>> groups_between_recurrences() const {
    const std::size_t count = at(graph_.size());
    std::vector<bool> after(count, false), before(count, false);
    const auto fixed = [&](int id) { return colouring_.colour[at(id)] == Colour::sequential; };
    for (int id = 0; id < graph_.size(); ++id) {
      for (const int x : graph_[id].inputs) after[at(id)] = after[at(id)] || after[at(x)] || fixed(x);
    }
    for (int id = graph_.size() - 1; id >= 0; --id) {
      for (const int x : graph_[id].inputs) before[at(x)] = before[at(x)] || before[at(id)] || fixed(id);
    }
    std::vector<int> group(count, -1);
    std::vector<std::vector<int>> groups;
    for (int id = 0; id < graph_.size(); ++id) {
      if (!colouring_.free[at(id)] || !after[at(id)] || !before[at(id)]) continue;
      for (const int x : graph_[id].inputs) {
        if (group[at(x)] >= 0) group[at(id)] = group[at(x)];
      }
      if (group[at(id)] < 0) {
        group[at(id)] = static_cast<int>(groups.size());
        groups.emplace_back();
      }
      groups[at(group[at(id)])].push_back(id);
    }
    std::vector<int> all;
    for (const std::vector<int>& one : groups) all.insert(all.end(), one.begin(), one.end());
    if (groups.size() > 1) groups.push_back(std::move(all));
    for (int id = 0; id < graph_.size(); ++id) {
      if (graph_[id].op->kind == Kind::recur) groups.push_back(free_neighbours(id));
    }
    return groups;
  }

  std::vector<int> free_neighbours(int recur) const {
    std::vector<int> found;
    for (const int x : graph_[recur].inputs) {
      if (colouring_.free[at(x)]) found.push_back(x);
    }
    return found;
  }

  const Graph& graph_;
  Colouring colouring_;
  double cost_ = 0;
  int evaluations_left_ = 0;
};

}  // namespace

Colouring greedy_colouring(const Graph& graph) { return Search(graph).run(); }

}  // namespace dgen::schedule

#include "lower/body_groups.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/index.h"
#include "schedule/loop_parts.h"

namespace dgen::lower {

namespace {

class Grouping {
 public:
  explicit Grouping(const Recurrence& recurrence) : recurrence_(recurrence), body_(*recurrence.body) {
    made_.follows = schedule::follows_from_states(recurrence);
  }

  BodyGroups write() {
    for (int id = 0; id < body_.size(); ++id) {
      if (is_given(id)) continue;
      if (!joins(id)) made_.groups.push_back({.lines = body_[id].op->kind == Kind::cumulate});
      made_.groups.back().nodes.push_back(id);
      group_[id] = made_.groups.size();
    }
    find_stored();
    return std::move(made_);
  }

 private:
  std::int64_t elements(int id) const { return body_[id].type.shape.elements(); }

  bool is_given(int id) const {
    const Kind kind = body_[id].op->kind;
    return kind == Kind::argument || kind == Kind::constant || kind == Kind::state || kind == Kind::tensor;
  }

  /// Whether a node needs of input x the element that it computes.
  bool reads_in_place(int id, int x) const {
    const Kind kind = body_[id].op->kind;
    const bool by_element = kind == Kind::pointwise || kind == Kind::expand || kind == Kind::reshape || kind == Kind::contract;
    return elements(id) == elements(x) && (by_element || elements(id) == 1);
  }

  /// Whether a node goes with the last group.
  bool joins(int id) const {
    if (made_.groups.empty() || made_.groups.back().lines || body_[id].op->kind == Kind::cumulate) return false;
    const int first = made_.groups.back().nodes[0];
    if (elements(first) != elements(id) || made_.follows[at(first)] != made_.follows[at(id)]) return false;
    return std::ranges::all_of(body_[id].inputs, [&](int x) { return !is_in_last(x) || reads_in_place(id, x); });
  }

  bool is_in_last(int x) const {
    const auto known = group_.find(x);
    return known != group_.end() && known->second == made_.groups.size();
  }

  void find_stored() {
    std::set<int> stored;
    const auto need = [&](int x) {
      if (!is_given(x) && elements(x) > 1) stored.insert(x);
    };
    for (int id = 0; id < body_.size(); ++id) {
      if (is_given(id)) continue;
      if (body_[id].op->kind == Kind::cumulate) need(id);
      for (const int x : body_[id].inputs) {
        if (!group_.contains(x) || group_.at(x) != group_.at(id)) need(x);
      }
    }
    for (const int result : recurrence_.results) need(result);
    for (const RecurrenceState& state : recurrence_.states) need(state.next);
    made_.stored.assign(stored.begin(), stored.end());
  }

  const Recurrence& recurrence_;
  const Graph& body_;
  BodyGroups made_;
  std::map<int, std::size_t> group_;  ///< node -> number of its group, from 1
};

}  // namespace

BodyGroups group_body(const Recurrence& recurrence) { return Grouping(recurrence).write(); }

}  // namespace dgen::lower

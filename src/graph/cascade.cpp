#include "graph/cascade.h"

#include <algorithm>
#include <set>

#include "base/index.h"
#include "dgen/error.h"

namespace dgen {

namespace {

/// The last term of a row, which is a sum.
struct Term {
  int rest = -1, entry = -1;
  std::size_t state = 0;
};

Term last_term(const Graph& body, int sum) {
  check(body[sum].op->additive, "the next state of a cascade is a sum");
  const Node& product = body[body[sum].inputs[1]];
  check(product.inputs.size() == 2 && body[product.inputs[1]].op->kind == Kind::state,
        "a term of it is a coefficient of a state");
  return {body[sum].inputs[0], product.inputs[0], static_cast<std::size_t>(body[product.inputs[1]].attributes.size)};
}

Cascade::Section section_at(const Graph& body, const Recurrence& recurrence, std::size_t first) {
  const Term last = last_term(body, recurrence.states[first].next);
  if (last.state == first) return {.first = first, .states = 1, .matrix = {last.entry}, .offset = {last.rest}};
  check(last.state == first + 1 && last.state < recurrence.states.size(), "a section of a cascade has one state or two");
  Cascade::Section made{.first = first, .states = 2};
  for (std::size_t k = 0; k < 2; ++k) {
    const Term second = last_term(body, recurrence.states[first + k].next), earlier = last_term(body, second.rest);
    made.matrix.push_back(earlier.entry);
    made.matrix.push_back(second.entry);
    made.offset.push_back(earlier.rest);
  }
  return made;
}

/// Finds what goes from section to section of a row.
class RowFinder {
 public:
  RowFinder(const Recurrence& recurrence, const Cascade& system)
      : body_(*recurrence.body), recurrence_(recurrence), system_(system) {}

  /// From the result backward: each section takes the latest node that it and what leaves it can be made of.
  std::optional<CascadeRow> find() {
    if (recurrence_.results.size() != 1) return {};
    CascadeRow row;
    row.input.assign(system_.sections.size() + 1, recurrence_.results.front());
    for (std::size_t s = system_.sections.size(); s-- > 0;) {
      const std::vector<int> found = sources(varying(system_.sections[s].offset));
      const auto fits = [&](int id) { return is_made_of(row.input[s + 1], id, s) && (s > 0 || is_signal(id)); };
      const auto input = std::find_if(found.begin(), found.end(), fits);
      if (input == found.end()) return {};
      row.input[s] = *input;
    }
    return row;
  }

 private:
  bool varies(int id) const { return body_[id].type.clock > Clock::control; }
  bool is_signal(int id) const { return body_[id].op->kind == Kind::argument && body_[id].attributes.size == 0; }

  std::vector<int> varying(std::vector<int> nodes) const {
    std::erase_if(nodes, [&](int id) { return !varies(id); });
    return nodes;
  }

  /// The nodes that all of `ends` can be made of, the latest first.
  std::vector<int> sources(const std::vector<int>& ends) const {
    std::vector<int> found;
    std::set<int> wanted(ends.begin(), ends.end());
    while (!wanted.empty()) {
      const int latest = *wanted.rbegin();
      if (wanted.size() == 1) found.push_back(latest);
      const std::vector<int> inputs = varying(body_[latest].inputs);
      if (inputs.empty()) break;
      wanted.erase(latest);
      wanted.insert(inputs.begin(), inputs.end());
    }
    return found;
  }

  bool is_state_of(int id, std::size_t section) const {
    if (body_[id].op->kind != Kind::state) return false;
    const Cascade::Section& own = system_.sections[section];
    const auto state = static_cast<std::size_t>(body_[id].attributes.size);
    return state >= own.first && state < own.first + own.states;
  }

  /// Whether nothing but `input` and the states of a section goes into `end`.
  bool is_made_of(int end, int input, std::size_t section) const {
    std::vector<int> waiting{end};
    std::set<int> seen;
    while (!waiting.empty()) {
      const int id = waiting.back();
      waiting.pop_back();
      if (id == input || is_state_of(id, section) || !seen.insert(id).second) continue;
      const std::vector<int> inputs = varying(body_[id].inputs);
      if (inputs.empty()) return false;
      waiting.insert(waiting.end(), inputs.begin(), inputs.end());
    }
    return true;
  }

  const Graph& body_;
  const Recurrence& recurrence_;
  const Cascade& system_;
};

}  // namespace

std::optional<CascadeRow> cascade_row(const Recurrence& recurrence, const Cascade& system) {
  return RowFinder(recurrence, system).find();
}

bool runs_skewed(const Recurrence& recurrence, const Cascade& system) {
  return system.sections.size() >= least_skewed_sections && cascade_row(recurrence, system).has_value();
}

std::optional<Cascade> cascade(const Graph& graph, int recur) {
  const Node& node = graph[recur];
  if (node.op->kind != Kind::recur || node.attributes.name != cascade_name) return {};
  const Recurrence& recurrence = *node.attributes.recurrence;
  Cascade made{.outputs = recurrence.results.size(), .arguments = node.inputs.size(), .states = recurrence.states.size()};
  while (made.sections.empty() || made.sections.back().first + made.sections.back().states < made.states) {
    const std::size_t first = made.sections.empty() ? 0 : made.sections.back().first + made.sections.back().states;
    made.sections.push_back(section_at(*recurrence.body, recurrence, first));
  }
  return made;
}

}  // namespace dgen

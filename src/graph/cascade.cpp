#include "graph/cascade.h"

#include <algorithm>

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

}  // namespace

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

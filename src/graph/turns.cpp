#include "graph/turns.h"

#include <cmath>
#include <numbers>

#include "dgen/math.h"

namespace dgen {

std::optional<Turns> sine_of_turns(const Graph& graph, int id) {
  const Node& node = graph[id];
  if (node.op != &ops::sin && node.op != &ops::cos) return {};
  const Node& angle = graph[node.inputs[0]];
  if (angle.op != &ops::mul) return {};
  const std::size_t constant = graph[angle.inputs[0]].op->kind == Kind::constant ? 0 : 1;
  const Node& given = graph[angle.inputs[constant]];
  if (given.op->kind != Kind::constant) return {};
  const double factor = given.attributes.value / (2 * std::numbers::pi);
  return Turns{.of = angle.inputs[1 - constant],
               .factor = std::fabs(factor - 1) < 1e-14 ? 1 : factor,
               .offset = node.op == &ops::cos ? 0.25 : 0};
}

}  // namespace dgen

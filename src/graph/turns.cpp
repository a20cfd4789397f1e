#include "graph/turns.h"

#include <cmath>
#include <numbers>

#include "dgen/math.h"

namespace dgen {

namespace {

/// A constant times a node.
struct Scaled {
  int of = -1;
  double factor = 1;
};

std::optional<Scaled> scaled(const Graph& graph, int id) {
  const Node& node = graph[id];
  if (node.op != &ops::mul) return {};
  const std::size_t constant = graph[node.inputs[0]].op->kind == Kind::constant ? 0 : 1;
  const Node& given = graph[node.inputs[constant]];
  if (given.op->kind != Kind::constant) return {};
  return Scaled{.of = node.inputs[1 - constant], .factor = given.attributes.value};
}

bool is_one(double factor) { return std::fabs(factor - 1) < 1e-14; }

}  // namespace

std::optional<Turns> sine_of_turns(const Graph& graph, int id) {
  const Node& node = graph[id];
  if (node.op != &ops::sin && node.op != &ops::cos) return {};
  const std::optional<Scaled> angle = scaled(graph, node.inputs[0]);
  if (!angle) return {};
  const double factor = angle->factor / (2 * std::numbers::pi);
  return Turns{.of = angle->of, .factor = is_one(factor) ? 1 : factor, .offset = node.op == &ops::cos ? 0.25 : 0};
}

int tangent_of_half_turns(const Graph& graph, int id) {
  if (graph[id].op != &ops::tan) return -1;
  const std::optional<Scaled> angle = scaled(graph, graph[id].inputs[0]);
  return angle && is_one(angle->factor / std::numbers::pi) ? angle->of : -1;
}

}  // namespace dgen

#include "passes/fold_constants.h"

#include <algorithm>
#include <cmath>

#include "dgen/tensor.h"
#include "graph/elements.h"

namespace dgen::passes {

namespace {

std::span<const double> numbers(const Node& node) {
  if (node.op->kind == Kind::tensor) return *node.attributes.table;
  return std::span(&node.attributes.value, 1);
}

/// A tensor or constant with what the node computes; empty where that is not a number, or is known at ticks only.
Signal folded(Graph& out, const Node& node, std::span<const int> inputs) {
  std::vector<Elements> x;
  for (const int id : inputs) x.push_back({numbers(out[id]), out[id].type.shape});
  std::vector<double> y(static_cast<std::size_t>(node.type.shape.elements()));
  compute_elements(*node.op, node.attributes, x, node.type.shape, y);
  if (std::any_of(y.begin(), y.end(), [](double v) { return std::isnan(v); })) return {};
  return tensor(out, y, node.type.shape);
}

}  // namespace

Rewritten fold_constants(const Graph& graph, std::span<const int>) {
  return rewrite(graph, {}, [](Graph& out, const Node& node, std::span<const int> inputs) -> Signal {
    const auto is_known = [&](int id) { return out[id].op->kind == Kind::constant || out[id].op->kind == Kind::tensor; };
    const bool every_time = node.type.clock == Clock::hop;  // an expand that says on which ticks
    if (!has_elements(node.op->kind) || every_time || !std::all_of(inputs.begin(), inputs.end(), is_known)) return {};
    return folded(out, node, inputs);
  });
}

}  // namespace dgen::passes

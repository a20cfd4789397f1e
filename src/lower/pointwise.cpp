#include "lower/pointwise.h"

#include <optional>
#include <vector>

#include "dgen/math.h"
#include "graph/turns.h"
#include "ops/expand_logarithm.h"
#include "ops/expand_trigonometric.h"

namespace dgen::lower {

using ir::Value;

Value lower_pointwise(const OpDef& op, ir::Builder& builder, std::span<const Value> x) {
  return op.outline ? builder.call(op.name, x, op.lower) : op.lower(x);
}

namespace {

/// The base, where node `id` is a power of a constant that `power_of` takes.
std::optional<double> base_of_power(const Graph& graph, int id) {
  if (graph[id].op != &ops::pow) return {};
  const Node& base = graph[graph[id].inputs[0]];
  const bool fits = base.op->kind == Kind::constant && base.attributes.value > 1e-30 && base.attributes.value < 1e30;
  return fits && base.attributes.value != 1 ? std::optional(base.attributes.value) : std::nullopt;
}

}  // namespace

Value lower_frame_node(const Graph& graph, int id, ir::Builder& builder, const std::function<Value(int)>& of) {
  const std::optional<Turns> turns = sine_of_turns(graph, id);
  if (turns && turns->factor == 1) return ops::expand::sine_of_turns(of(turns->of), turns->offset);
  if (const int half_turns = tangent_of_half_turns(graph, id); half_turns >= 0)
    return ops::expand::tan_of_half_turns(of(half_turns));
  if (const std::optional<double> base = base_of_power(graph, id)) return ops::expand::power_of(*base, of(graph[id].inputs[1]));
  std::vector<Value> x;
  for (const int input : graph[id].inputs) x.push_back(of(input));
  return lower_pointwise(*graph[id].op, builder, x);
}

}  // namespace dgen::lower

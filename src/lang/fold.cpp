#include "lang/fold.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "dgen/compare.h"
#include "dgen/math.h"

namespace dgen::lang {

namespace {

constexpr std::size_t most_nodes = 10000;  ///< of a constant expression

const Node& node_of(Signal s) { return (*s.graph)[s.id]; }

/// The nodes that `root` needs, in the order of their ids; empty where one is not a function of known ones.
std::vector<int> needed(const Graph& graph, int root, bool rate_known) {
  std::vector<int> found{root};
  for (std::size_t k = 0; k < found.size(); ++k) {
    const Node& node = graph[found[k]];
    const bool leaf = node.op->kind == Kind::constant || (node.op->kind == Kind::sample_rate && rate_known);
    if (!leaf && (node.op->kind != Kind::pointwise || !node.op->meaning)) return {};
    if (found.size() > most_nodes) return {};
    found.insert(found.end(), node.inputs.begin(), node.inputs.end());
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace

std::optional<double> known_value(Signal signal, double sample_rate) {
  const Graph& graph = *signal.graph;
  const Node& root = graph[signal.id];
  if (root.op->kind == Kind::constant) return root.attributes.value;
  if (root.type.dtype != DType::signal || root.type.clock > (sample_rate > 0 ? Clock::control : Clock::constant)) return {};
  const std::vector<int> order = needed(graph, signal.id, sample_rate > 0);
  if (order.empty()) return {};
  std::unordered_map<int, double> value;
  for (const int id : order) {
    const Node& node = graph[id];
    std::vector<double> x;
    for (const int input : node.inputs) x.push_back(value[input]);
    value[id] = node.op->kind == Kind::constant      ? node.attributes.value
                : node.op->kind == Kind::sample_rate ? sample_rate
                                                     : node.op->meaning(x);
  }
  const double result = value[signal.id];
  return std::isnan(result) ? std::nullopt : std::optional(result);
}

Signal folded(Signal signal) {
  const Node& node = node_of(signal);
  if (node.type.clock != Clock::constant || node.op->kind == Kind::constant) return signal;
  const std::optional<double> value = known_value(signal);
  return value ? signal.graph->constant(*value) : signal;
}

Signal choose(Signal c, Signal yes, Signal no) {
  if (yes.id == no.id) return yes;
  if (const auto known = known_value(c)) return *known != 0 ? yes : no;
  return select(c, yes, no);
}

Signal negation(Signal x) { return folded(logical_not(x)); }

Signal safe_divide(Signal a, Signal b) {
  if (const auto divisor = known_value(b)) return *divisor == 0 ? a.graph->constant(0) : folded(a / b);
  return choose(eq(b, 0.0), a.graph->constant(0), a / b);
}

Signal safe_modulo(Signal a, Signal b) {
  if (const auto divisor = known_value(b)) return *divisor == 0 ? a.graph->constant(0) : folded(mod(a, b));
  return choose(eq(b, 0.0), a.graph->constant(0), mod(a, b));
}

}  // namespace dgen::lang

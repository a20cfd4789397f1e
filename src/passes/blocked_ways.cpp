#include "passes/blocked_ways.h"

#include <algorithm>
#include <vector>

#include "base/index.h"
#include "graph/describe.h"
#include "passes/reach.h"

namespace dgen::passes {

namespace {

constexpr std::size_t most_named = 3;

std::string name_of(const Graph& g, int id) {
  const Node& node = g[id];
  if (node.op->kind != Kind::param) return describe(g, id);
  const std::string where = to_string(node.origin);
  return "parameter '" + node.attributes.param->name + "'" + (where.empty() ? "" : " (" + where + ")");
}

/// "floor (patch:3:1)", "the condition of select (patch:4:9)".
std::string place(const Graph& g, int id, std::size_t input) {
  const Node& node = g[id];
  const Signature declared = signature(*node.op);
  const bool named = !node.op->zero_derivative && input < declared.inputs.size();
  return (named ? "the " + std::string(declared.inputs[input].name) + " of " : "") + describe(g, id);
}

/// Where the ways from what `reached` holds leave it, without a derivative, toward the loss.
std::vector<std::string> places(const Graph& g, const std::vector<bool>& reached, const std::vector<bool>& between) {
  std::vector<std::string> found;
  for (int id = 0; id < g.size(); ++id) {
    if (!between[at(id)]) continue;
    const Node& node = g[id];
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      if (!reached[at(node.inputs[k])] || has_derivative(node, k)) continue;
      std::string here = place(g, id, k);
      if (std::find(found.begin(), found.end(), here) == found.end()) found.push_back(std::move(here));
    }
  }
  return found;
}

}  // namespace

std::string blocked_ways(const Graph& g, Signal x, Signal loss) {
  const std::span<const Signal> source(&x, 1);
  const std::vector<bool> between = nodes_between(all_edges(g), source, loss);
  if (!between[at(x.id)]) return name_of(g, x.id) + ": the loss does not depend on it";
  const std::vector<std::string> all = places(g, reached_from(derivative_edges(g), source), between);
  std::string text = name_of(g, x.id) + ": every way from it to the loss has a derivative of zero";
  for (std::size_t k = 0; k < std::min(all.size(), most_named); ++k) text += (k == 0 ? ", at " : ", ") + all[k];
  if (all.size() > most_named) text += " and " + std::to_string(all.size() - most_named) + " more";
  return text;
}

}  // namespace dgen::passes

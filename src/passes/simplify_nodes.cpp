#include "passes/simplify_nodes.h"

namespace dgen::passes {

Rewritten simplify_nodes(const Graph& graph, std::span<const int>) {
  return rewrite(graph, {}, [](Graph& out, const Node& node, std::span<const int> inputs) -> Signal {
    if (!node.op->simplify) return {};
    std::vector<Signal> x;
    for (const int id : inputs) x.push_back({&out, id});
    const Signal simpler = node.op->simplify(x);
    if (!simpler) return {};
    // The shape and the ticks of a value matter to those that sum it.
    const Type& type = out[simpler.id].type;
    const bool same = type.shape == node.type.shape && (node.type.clock != Clock::hop || type == node.type);
    return same ? simpler : Signal{};
  });
}

}  // namespace dgen::passes

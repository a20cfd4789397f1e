#include "passes/bind_constants.h"

#include <algorithm>

namespace dgen::passes {

Rewritten bind_constants(const Graph& graph) {
  return rewrite(graph, {}, [](Graph& out, const Node& node, std::span<const int> inputs) -> Signal {
    const auto is_constant = [&](int id) { return out[id].op->kind == Kind::constant; };
    if (!node.attributes.recurrence || std::none_of(inputs.begin(), inputs.end(), is_constant)) return {};
    Node changed = node;
    changed.attributes.recurrence = rewrite_body(*node.attributes.recurrence, [&](const Graph& body, std::span<const int>) {
      return rewrite(body, {}, [&](Graph& inner, const Node& argument, std::span<const int>) -> Signal {
        if (argument.op->kind != Kind::argument) return {};
        const int outer = inputs[static_cast<std::size_t>(argument.attributes.size)];
        return is_constant(outer) ? inner.constant(out[outer].attributes.value) : Signal{};
      });
    });
    return out.copy(changed, inputs);
  });
}

}  // namespace dgen::passes

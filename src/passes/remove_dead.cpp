#include "passes/remove_dead.h"

#include "base/index.h"

namespace dgen::passes {

Rewritten remove_dead(const Graph& graph, std::span<const int> roots) {
  std::vector<bool> live(at(graph.size()), false);
  for (const int root : roots) live[at(root)] = true;
  for (int id = graph.size() - 1; id >= 0; --id) {
    const Kind kind = graph[id].op->kind;
    if (kind == Kind::param || kind == Kind::input) live[at(id)] = true;
    if (!live[at(id)]) continue;
    for (const int x : graph[id].inputs) live[at(x)] = true;
  }
  return rewrite(graph, live, {});
}

}  // namespace dgen::passes

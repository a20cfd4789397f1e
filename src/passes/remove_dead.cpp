#include "passes/remove_dead.h"

#include "base/index.h"

namespace dgen::passes {

Rewritten remove_dead(const Graph& graph, std::span<const int> roots) {
  std::vector<bool> live(at(graph.size()), false);
  std::vector<int> waiting(roots.begin(), roots.end());
  for (int id = 0; id < graph.size(); ++id) {
    const Kind kind = graph[id].op->kind;
    if (kind == Kind::param || kind == Kind::input) waiting.push_back(id);
  }
  while (!waiting.empty()) {
    const int id = waiting.back();
    waiting.pop_back();
    if (live[at(id)]) continue;
    live[at(id)] = true;
    waiting.insert(waiting.end(), graph[id].inputs.begin(), graph[id].inputs.end());
    if (graph[id].feedback >= 0) waiting.push_back(graph[id].feedback);
  }
  return rewrite(graph, live, {});
}

}  // namespace dgen::passes

#include "passes/simplify.h"

#include "base/index.h"
#include "passes/close_loops.h"
#include "passes/fold_constants.h"
#include "passes/merge_equal.h"
#include "passes/remove_dead.h"

namespace dgen::passes {

Rewritten simplify(const Graph& graph) {
  Rewritten current = close_loops(graph);
  for (const GraphPass& pass : std::initializer_list<GraphPass>{fold_constants, merge_equal, remove_dead}) {
    Rewritten next = apply_everywhere(*current.graph, pass);
    for (int& id : current.map) id = id < 0 ? -1 : next.map[at(id)];
    current.graph = std::move(next.graph);
  }
  return current;
}

}  // namespace dgen::passes

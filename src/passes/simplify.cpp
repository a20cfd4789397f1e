#include "passes/simplify.h"

#include "base/index.h"
#include "passes/affine_loops.h"
#include "passes/batch_coupled.h"
#include "passes/batch_isomorphic.h"
#include "passes/bind_constants.h"
#include "passes/close_loops.h"
#include "passes/fold_constants.h"
#include "passes/fuse_cascades.h"
#include "passes/late_choices.h"
#include "passes/merge_equal.h"
#include "passes/remove_dead.h"
#include "passes/simplify_nodes.h"

namespace dgen::passes {

namespace {

using Pass = std::function<Rewritten(const Graph&)>;

Pass everywhere(GraphPass pass) {
  return [pass = std::move(pass)](const Graph& graph) { return apply_everywhere(graph, pass); };
}

Rewritten run(Rewritten current, std::initializer_list<Pass> passes) {
  for (const Pass& pass : passes) {
    Rewritten next = pass(*current.graph);
    for (int& id : current.map) id = id < 0 ? -1 : next.map[at(id)];
    current.graph = std::move(next.graph);
  }
  return current;
}

}  // namespace

Rewritten simplify(const Graph& graph, bool measures) {
  return run(close_loops(graph, measures),
             {everywhere(fold_constants), bind_constants, everywhere(fold_constants), everywhere(simplify_nodes),
              everywhere(fold_constants), everywhere(merge_equal), everywhere(remove_dead)});
}

Rewritten find_vectors(const Graph& graph) {
  return run(batch_isomorphic(graph), {batch_coupled, everywhere(fold_constants), everywhere(simplify_nodes),
                                       everywhere(fold_constants), everywhere(merge_equal), everywhere(remove_dead)});
}

Rewritten find_cascades(const Graph& graph) { return run(fuse_cascades(graph), {everywhere(remove_dead)}); }

Rewritten find_scans(const Graph& graph) {
  return run(affine_loops(graph), {late_choices, everywhere(fold_constants), everywhere(simplify_nodes),
                                   everywhere(fold_constants), everywhere(merge_equal), everywhere(remove_dead)});
}

}  // namespace dgen::passes

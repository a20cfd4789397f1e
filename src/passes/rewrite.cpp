#include "passes/rewrite.h"

#include "base/index.h"
#include "dgen/error.h"

namespace dgen::passes {

std::shared_ptr<const Recurrence> rewrite_body(const Recurrence& recurrence, const GraphPass& pass) {
  std::vector<int> roots = recurrence.results;
  for (const RecurrenceState& state : recurrence.states) {
    roots.push_back(state.next);
    roots.push_back(state.node);
  }
  Rewritten body = pass(*recurrence.body, roots);
  auto made = std::make_shared<Recurrence>();
  made->states = recurrence.states;
  for (RecurrenceState& state : made->states) {
    state.node = body.map[at(state.node)];
    state.next = body.map[at(state.next)];
  }
  for (const int result : recurrence.results) made->results.push_back(body.map[at(result)]);
  made->body = std::move(body.graph);
  return made;
}

Rewritten rewrite(const Graph& graph, const std::vector<bool>& keep, const Replace& replace) {
  Rewritten result{std::make_unique<Graph>(), std::vector<int>(at(graph.size()), -1)};
  Graph& out = *result.graph;
  std::vector<int> inputs;
  for (int id = 0; id < graph.size(); ++id) {
    if (!keep.empty() && !keep[at(id)]) continue;
    const Node& node = graph[id];
    inputs.clear();
    for (const int x : node.inputs) inputs.push_back(result.map[at(x)]);
    const Signal replaced = replace ? replace(out, node, inputs) : Signal{};
    result.map[at(id)] = replaced ? replaced.id : out.copy(node, inputs).id;
  }
  for (int id = 0; id < graph.size(); ++id) {
    const int line = graph[id].op->kind == Kind::line ? result.map[at(id)] : -1;
    if (line >= 0) out.close({&out, line}, {&out, result.map[at(graph[id].feedback)]});
  }
  for (const Output& output : graph.outputs()) out.leave({&out, result.map[at(output.node)]}, output.name);
  return result;
}

Rewritten apply_everywhere(const Graph& graph, const GraphPass& pass) {
  const Rewritten inner = rewrite(graph, {}, [&](Graph& out, const Node& node, std::span<const int> inputs) -> Signal {
    if (!node.attributes.recurrence) return {};
    Node changed = node;
    changed.attributes.recurrence = rewrite_body(*node.attributes.recurrence, pass);
    return out.copy(changed, inputs);
  });
  std::vector<int> roots;
  for (const Output& output : inner.graph->outputs()) roots.push_back(output.node);
  Rewritten outer = pass(*inner.graph, roots);
  for (int& id : outer.map) check(id < outer.graph->size(), "a pass maps to nodes that exist");
  std::vector<int> map;
  for (const int id : inner.map) map.push_back(id < 0 ? -1 : outer.map[at(id)]);
  outer.map = std::move(map);
  return outer;
}

}  // namespace dgen::passes

#include "engine/not_finite_trace.h"

#include <algorithm>
#include <cmath>

#include "base/index.h"
#include "graph/describe.h"
#include "graph/feedback.h"
#include "passes/reach.h"

namespace dgen::engine {

namespace {

/// The first element of a node that is not finite, or 0.
double offending(const Interpreter& run, int id) {
  for (const double x : run.elements(id)) {
    if (!std::isfinite(x)) return x;
  }
  return 0;
}

bool is_finite(const Interpreter& run, int id) { return offending(run, id) == 0; }

}  // namespace

NotFiniteTrace::NotFiniteTrace(const Graph& graph, const passes::Phases& phases) : graph_(graph), phases_(phases) {
  for (const passes::Phase& phase : phases.phases) {
    Watched watched{.order = evaluation_order(*phase.graph), .edges = passes::all_edges(*phase.graph)};
    watched.sights.resize(at(phase.graph->size()));
    watched_.push_back(std::move(watched));
  }
}

void NotFiniteTrace::look(std::size_t phase, const Interpreter& run, std::int64_t frame) {
  Watched& watched = watched_[phase];
  const Graph& graph = *phases_.phases[phase].graph;
  for (const int id : watched.order) {
    Sight& sight = watched.sights[at(id)];
    if (sight.seen || is_finite(run, id)) continue;
    sight = {.seen = true, .frame = frame, .value = offending(run, id)};
    sight.blamed = blame(watched, graph, run, id);
  }
}

/// Of the nodes that `id` is computed from, one that is not finite in this frame, and is used; else one that was not in an
/// earlier frame, through states.
int NotFiniteTrace::blame(const Watched& watched, const Graph& graph, const Interpreter& run, int id) const {
  const Node& node = graph[id];
  if (node.op->choice) {
    const int taken = node.inputs[run.value(node.inputs[0]) != 0 ? 1 : 2];
    if (!is_finite(run, taken)) return taken;
  }
  for (const int x : node.inputs) {
    if (!is_finite(run, x)) return x;
  }
  std::vector<int> waiting = watched.edges[at(id)];
  for (std::size_t k = 0; k < waiting.size(); ++k) {
    const int x = waiting[k];
    if (watched.sights[at(x)].seen && x != id) return x;
    if (graph[x].type.dtype == DType::signal) continue;  // lines and tables have no value of their own
    for (const int next : watched.edges[at(x)]) {
      if (std::ranges::find(waiting, next) == waiting.end()) waiting.push_back(next);
    }
  }
  return -1;
}

/// The last phase before `before` that gives the value of node `id` of the whole graph, and the node there.
std::optional<NotFiniteTrace::Place> NotFiniteTrace::giver_of(int id, std::size_t before) const {
  for (std::size_t p = before; p-- > 0;) {
    const std::vector<int>& outputs = phases_.phases[p].outputs;
    const auto found = std::ranges::find(outputs, id);
    if (found == outputs.end()) continue;
    return Place{p, phases_.phases[p].graph->outputs()[static_cast<std::size_t>(found - outputs.begin())].node};
  }
  return std::nullopt;
}

/// Where a phase's input, or the sum it takes as a parameter, comes from.
std::optional<NotFiniteTrace::Place> NotFiniteTrace::earlier(const Place& place) const {
  const passes::Phase& phase = phases_.phases[place.phase];
  const Node& node = (*phase.graph)[place.node];
  int source = -1;
  if (node.op->kind == Kind::input) source = phase.inputs[static_cast<std::size_t>(node.attributes.size)];
  if (node.op->kind == Kind::param) {
    for (const int sum : phase.received) {
      if (passes::sum_name(sum) == node.attributes.param->name) source = sum;
    }
  }
  if (source >= 0 && graph_[source].op->kind == Kind::reduce) source = phases_.reduced[at(source)];
  return source < 0 ? std::nullopt : giver_of(source, place.phase);
}

std::optional<NotFiniteNode> NotFiniteTrace::origin_of(int wanted) const {
  std::optional<Place> here = giver_of(wanted, phases_.phases.size());
  if (!here || !watched_[here->phase].sights[at(here->node)].seen) return std::nullopt;
  for (;;) {
    const std::vector<Sight>& sights = watched_[here->phase].sights;
    std::vector<bool> passed(sights.size());
    while (sights[at(here->node)].blamed >= 0 && !passed[at(here->node)]) {
      passed[at(here->node)] = true;
      here->node = sights[at(here->node)].blamed;
    }
    const std::optional<Place> next = earlier(*here);
    if (!next || !watched_[next->phase].sights[at(next->node)].seen) break;
    here = next;
  }
  const passes::Phase& phase = phases_.phases[here->phase];
  const Sight& sight = watched_[here->phase].sights[at(here->node)];
  const bool last = here->phase + 1 == phases_.phases.size();
  return NotFiniteNode{.name = describe(*phase.graph, here->node),
                       .op = std::string((*phase.graph)[here->node].op->name),
                       .value = sight.value,
                       .frame = last ? -1 : sight.frame,
                       .backward = phase.reversed || (*phase.graph)[here->node].path.starts_with("gradient/")};
}

}  // namespace dgen::engine

#include "schedule/colouring.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/index.h"
#include "dgen/error.h"
#include "graph/affine_loop.h"
#include "graph/cascade.h"
#include "graph/feedback.h"
#include "schedule/carried_delay.h"
#include "schedule/phase.h"
#include "schedule/row_nodes.h"

namespace dgen::schedule {

namespace {

constexpr double lanes = 8;
constexpr double vector_transfer = 1 / lanes;  ///< a load or store of one frame, a vector at a time
constexpr double scalar_transfer = 0.5;        ///< one of a frame alone; two go through in a cycle
constexpr double vector_loop = 0.1;            ///< counting and branching, per frame
constexpr double scalar_loop = 1;

bool is_still(const Node& node) {
  const Kind kind = node.op->kind;
  if (kind == Kind::reduce) return false;
  return kind == Kind::constant || kind == Kind::tensor || kind == Kind::param || kind == Kind::input || kind == Kind::table ||
         kind == Kind::line || node.type.clock <= Clock::control;
}

/// The first stage from `first` on whose class is `wanted`.
int next_stage(int first, int wanted, int classes) { return first + (wanted - first % classes + classes) % classes; }

bool is_recurrence(const Node& node) { return node.op->kind == Kind::recur || node.op->kind == Kind::result; }

/// Whether a parallel node is a scan: of the recurrences that run in parallel, phases wrap and scans add.
bool is_sum(const Node& node) {
  if (node.op->kind != Kind::recur) return false;
  const Recurrence& recurrence = *node.attributes.recurrence;
  return (*recurrence.body)[recurrence.states.front().next].op->additive;
}

/// Whether node `id` runs over all frames of the sub-block before its stage does: what it takes is there by then.
bool runs_ahead(const Graph& graph, int id) {
  const auto system = cascade(graph, id);
  return system && runs_skewed(*graph[id].attributes.recurrence, *system);
}

/// A recurrence, or a result of one, that runs a vector of frames at a time.
bool is_parallel(const Graph& graph, int id) {
  const int recur = graph[id].op->kind == Kind::result ? graph[id].inputs[0] : id;
  const std::optional<PhaseAccumulator> phase = phase_accumulator(graph, recur);
  if (phase) return is_steady(graph, *phase);
  return affine_loop(graph, recur).has_value() || cascade(graph, recur).has_value();
}

double work(const Node& node) {
  if (node.op->kind == Kind::result) return 0;
  if (!node.attributes.recurrence) return node.op->cost;
  double sum = 0;
  for (const Node& inner : node.attributes.recurrence->body->nodes()) sum += inner.op->cost;
  return sum;
}

/// What per-frame values a node reads from other stages (a result reads its recur for free).
bool transfers(const Graph& graph, int x) { return graph[x].op->kind != Kind::recur && graph[x].type.dtype == DType::signal; }

/// Whether node `id` may as well be computed in a later stage: a read of the past, or work on one value at most.
bool may_sink(const Graph& graph, const std::vector<Colour>& colour, int id) {
  const Node& node = graph[id];
  const bool reads = node.op->kind == Kind::line_read || (node.op->kind == Kind::delay && carried_frames(graph, id) == 0);
  if (colour[at(id)] != Colour::parallel || node.type.shape.rank > 0 || (!reads && node.op->kind != Kind::pointwise))
    return false;
  const auto from_stage = [&](int x) { return colour[at(x)] != Colour::still || graph[x].op->kind == Kind::input; };
  const auto read = node.inputs.begin() + (reads ? 1 : 0);
  return std::count_if(read, node.inputs.end(), from_stage) <= (reads ? 0 : 1) &&
         std::none_of(read, node.inputs.end(), [&](int x) { return graph[x].op->kind == Kind::input; });
}

/// Moves what only later stages take to the first of them: it is computed there from what crosses anyway, or from memory,
/// instead of crossing itself.
void sink_reads(const Graph& graph, const std::vector<Colour>& colour, std::vector<int>& stage) {
  constexpr int nobody = std::numeric_limits<int>::max();
  std::vector<int> first_user(at(graph.size()), nobody);
  std::vector<bool> stays = known_ahead(graph);
  for (const Output& output : graph.outputs()) stays[at(output.node)] = true;
  for (const Node& node : graph.nodes()) {
    if (node.op->kind == Kind::line) stays[at(node.feedback)] = true;
  }
  for (int id = graph.size() - 1; id >= 0; --id) {
    const Node& node = graph[id];
    const int first = first_user[at(id)];
    const bool later = first != nobody && first > stage[at(id)] && !stays[at(id)];
    if (later && may_sink(graph, colour, id)) stage[at(id)] = first;
    const bool takes = colour[at(id)] == Colour::parallel && !runs_ahead(graph, id) &&
                       (node.op->kind == Kind::pointwise || node.op->kind == Kind::recur);
    for (const int x : node.inputs) {
      first_user[at(x)] = std::min(first_user[at(x)], stage[at(id)]);
      if (!takes) stays[at(x)] = true;
    }
  }
}

}  // namespace

Colouring first_colouring(const Graph& graph) {
  Colouring made{std::vector<Colour>(at(graph.size()), Colour::still), std::vector<bool>(at(graph.size()), false)};
  for (int id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    if (is_still(node)) continue;
    if (runs_on_rows(graph, id)) {
      made.colour[at(id)] = Colour::hop;
      continue;
    }
    const bool recurs = is_recurrence(node);
    made.colour[at(id)] = recurs && !is_parallel(graph, id) ? Colour::sequential : Colour::parallel;
    made.free[at(id)] =
        !recurs && node.op->kind != Kind::delay && node.op->kind != Kind::line_read && node.op->kind != Kind::overlap_add;
  }
  return made;
}

std::vector<std::int32_t> hops_of(const Graph& graph) {
  std::set<std::int32_t> hops;
  for (int id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    const Kind kind = node.op->kind;
    if (kind == Kind::overlap_add) hops.insert(node.attributes.hop);
    if ((kind == Kind::window || kind == Kind::delay) && graph[node.inputs[0]].type.shape.rank > 0) hops.insert(1);
    if (!is_still(node) && runs_on_rows(graph, id)) hops.insert(row_hop(graph, id));
  }
  return {hops.begin(), hops.end()};
}

int stage_class(int stage, std::size_t hops) { return stage % (2 + static_cast<int>(hops)); }

int adding_stage(const Graph& graph, const std::vector<int>& stage, int id) {
  const std::vector<std::int32_t> hops = hops_of(graph);
  const auto place = std::lower_bound(hops.begin(), hops.end(), graph[id].attributes.hop) - hops.begin();
  return next_stage(std::max(0, stage[at(graph[id].inputs[0])]), 2 + static_cast<int>(place), 2 + static_cast<int>(hops.size()));
}

int filling_stage(const Graph& graph, int x) { return graph[x].type.shape.rank > 0 ? 2 : 0; }

namespace {

/// Places nodes in the order of the graph, each as early as it can run.
class Placer {
 public:
  Placer(const Graph& graph, const std::vector<Colour>& colour)
      : g_(graph), colour_(colour), hops_(hops_of(graph)), classes_(2 + static_cast<int>(hops_.size())),
        stage_(at(graph.size()), -1), scan_before_(at(graph.size()), -1) {}

  std::vector<int> place() {
    const std::vector<bool> ahead = known_ahead(g_);
    place_those(ahead, true, 0);
    const int last = stage_.empty() ? -1 : *std::max_element(stage_.begin(), stage_.end());
    place_those(ahead, false, (last + classes_) / classes_ * classes_);
    return std::move(stage_);
  }

 private:
  void place_those(const std::vector<bool>& ahead, bool wanted, int first) {
    for (int id = 0; id < g_.size(); ++id) {
      if (ahead[at(id)] == wanted && colour_[at(id)] != Colour::still) place_node(id, first);
    }
  }

  int wanted_class(int id) const {
    if (colour_[at(id)] == Colour::sequential) return 1;
    if (colour_[at(id)] != Colour::hop) return 0;
    return 2 + static_cast<int>(std::lower_bound(hops_.begin(), hops_.end(), row_hop(g_, id)) - hops_.begin());
  }

  void place_node(int id, int first) {
    const Node& node = g_[id];
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      const bool past = node.op->kind == Kind::delay || node.op->kind == Kind::window;
      const bool through_ring = k == 0 && past && carried_frames(g_, id) == 0;
      const int filled = std::max(stage_[at(node.inputs[k])], through_ring ? filling_stage(g_, node.inputs[k]) : -1);
      const bool before = through_ring || (filled >= 0 && runs_ahead(g_, id));
      first = std::max(first, filled + (before ? 1 : 0));
    }
    if (node.op->kind == Kind::overlap_add) first = std::max(first, adding_stage(g_, stage_, id) + 1);
    const int wanted = wanted_class(id);
    first = next_stage(first, wanted, classes_);
    // A scan waits for every lane of what it reads: one behind another in a loop body leaves the machine idle, where two
    // loops over the frames keep it busy with several vectors at once.
    const bool scan = wanted == 0 && is_sum(node);
    int& last_scan = scan_before_[at(id)];
    for (const int x : node.inputs) last_scan = std::max(last_scan, scan_before_[at(x)]);
    if (scan && last_scan == first) first += classes_;
    if (scan) last_scan = first;
    stage_[at(id)] = first;
  }

  const Graph& g_;
  const std::vector<Colour>& colour_;
  const std::vector<std::int32_t> hops_;
  const int classes_;
  std::vector<int> stage_;
  std::vector<int> scan_before_;  ///< the last stage of a scan that a node depends on
};

}  // namespace

std::vector<int> assign_stages(const Graph& graph, const std::vector<Colour>& colour) {
  std::vector<int> stage = Placer(graph, colour).place();
  sink_reads(graph, colour, stage);
  return stage;
}

double stage_cost(const Graph& graph, const std::vector<Colour>& colour, const std::vector<int>& stage) {
  const std::size_t hops = hops_of(graph).size();
  double cost = 0;
  int stages = 0;
  for (const int s : stage) stages = std::max(stages, s + 1);
  std::vector<bool> runs(at(stages), false);
  std::vector<int> last_reader(at(graph.size()), -1);  // the stage that read a value before; one load a stage
  std::vector<bool> stored(at(graph.size()), false);
  std::vector<int> order(at(graph.size()));
  for (int id = 0; id < graph.size(); ++id) order[at(id)] = id;
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return stage[at(a)] < stage[at(b)]; });
  for (const int id : order) {
    if (colour[at(id)] == Colour::still) continue;
    const Node& node = graph[id];
    const bool sequential = colour[at(id)] == Colour::sequential;
    runs[at(stage[at(id)])] = true;
    cost += sequential ? work(node) : work(node) / lanes;
    for (const int x : node.inputs) {
      const bool from_host = graph[x].op->kind == Kind::input;
      const bool crosses = colour[at(x)] != Colour::still && stage[at(x)] != stage[at(id)] && transfers(graph, x);
      if (!from_host && !crosses) continue;
      if (last_reader[at(x)] != stage[at(id)]) cost += sequential ? scalar_transfer : vector_transfer;
      last_reader[at(x)] = stage[at(id)];
      if (crosses && !stored[at(x)]) cost += colour[at(x)] == Colour::sequential ? scalar_transfer : vector_transfer;
      stored[at(x)] = stored[at(x)] || crosses;
    }
  }
  for (const Output& output : graph.outputs()) {
    if (graph[output.node].op->kind == Kind::reduce) continue;  // added up in the stage, written once a sub-block
    cost += colour[at(output.node)] == Colour::sequential ? scalar_transfer : vector_transfer;
  }
  for (int s = 0; s < stages; ++s) {
    if (runs[at(s)]) cost += stage_class(s, hops) == 1 ? scalar_loop : vector_loop;
  }
  return cost;
}

Colouring cheapest_colouring(const Graph& graph) {
  Colouring best = first_colouring(graph);
  std::vector<int> free;
  for (int id = 0; id < graph.size(); ++id) {
    if (best.free[at(id)]) free.push_back(id);
  }
  check(free.size() <= 20, "the exhaustive colouring gets at most 20 free nodes");
  Colouring tried = best;
  double least = std::numeric_limits<double>::infinity();
  for (std::uint32_t choice = 0; choice < (1u << free.size()); ++choice) {
    for (std::size_t k = 0; k < free.size(); ++k)
      tried.colour[at(free[k])] = (choice >> k & 1) ? Colour::sequential : Colour::parallel;
    const double cost = stage_cost(graph, tried.colour, assign_stages(graph, tried.colour));
    if (cost >= least) continue;
    least = cost;
    best.colour = tried.colour;
  }
  return best;
}

}  // namespace dgen::schedule

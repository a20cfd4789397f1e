#include "passes/plan_segment.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/index.h"
#include "base/min_cut.h"
#include "dgen/error.h"
#include "graph/elements.h"
#include "graph/sequence.h"
#include "passes/segment_homes.h"

namespace dgen::passes {

namespace {

// In scalar operations per frame.
constexpr double lanes = 8;
constexpr double tape_store = 0.5;  ///< memory of a segment lies behind the first-level cache; 0.25 and 1 were slower
constexpr double tape_load = 0.5;
constexpr double host_load = 1 / lanes;
constexpr double worth_a_run = 6;  ///< work that is done in a run of its own, so that it may be left out

std::int64_t capacity(double cost) { return static_cast<std::int64_t>(cost * 4096); }

class Planner {
 public:
  Planner(const Graph& g, std::span<const int> wanted, const PhaseLevels& levels, bool separate)
      : g_(g), levels_(levels), homes_(g, levels, separate, [this](int id) { return work(id); }), needed_(at(homes_.count())),
        sums_(at(homes_.count())), kept_(at(homes_.count())), again_(at(homes_.count())) {
    for (const int id : wanted) want(id);
    for (const int id : levels.used) {
      if (is_sum(id)) sums_[at(homes_.of(g[id].inputs[0]))].insert(id);
    }
    for (int run = homes_.count() - 1; run >= 0; --run) choose(run);
    write(wanted);
  }

  /// Scalar operations per frame in runs that depend on no parameter.
  double separate_work() const { return separate_work_; }
  SegmentPlan take() { return std::move(made_); }

 private:
  void want(int id) {
    if (levels_.is_frame(id) && g_[id].op->kind != Kind::input) needed_[at(homes_.of(id))].insert(id);
  }

  /// Added up in a run.
  bool is_sum(int id) const { return g_[id].op->kind == Kind::reduce && levels_.is_frame(g_[id].inputs[0]); }

  bool is_source(int id) const {
    const Kind kind = g_[id].op->kind;
    return kind == Kind::input || kind == Kind::frame_index || kind == Kind::noise;
  }

  /// Whether a later run can compute it from its inputs.
  bool is_stateless(int id) const {
    const Kind kind = g_[id].op->kind;
    if (kind == Kind::gather) {
      const int table = table_of(g_, g_[id].inputs[0]);
      return g_[table].op->kind == Kind::table && g_[table].feedback < 0;
    }
    return is_source(id) || has_elements(kind) || kind == Kind::handle;
  }

  /// Elements a frame.
  double rate(int id) const {
    const Type& type = g_[id].type;
    return static_cast<double>(type.shape.elements()) / (type.clock == Clock::hop ? type.hop : 1);
  }

  double work(int id) const {
    const Node& node = g_[id];
    if (node.op->kind == Kind::input) return host_load;
    if (node.op->kind == Kind::handle) return 0;
    if (node.op->kind == Kind::gather) return node.op->cost;  // a lane at a time
    double each = node.op->cost;
    if (node.op->kind == Kind::linear) {  // products and sums of a row of the matrix
      const Shape& x = g_[node.inputs[0]].type.shape;
      each = 2.0 * x.extent[at(x.rank - 1)];
    }
    if (node.op->kind == Kind::matmul) {  // the same of the axis that is summed over
      const Shape& x = g_[node.inputs[0]].type.shape;
      each = 2.0 * x.extent[at(x.rank - (node.attributes.size & 1 ? 2 : 1))];
    }
    if (node.op->kind == Kind::fft) each = 2.5 * std::log2(static_cast<double>(node.attributes.size));
    return rate(id) * each / lanes;
  }

  std::vector<int> frame_inputs(int id, bool here) const {
    std::vector<int> found;
    const auto add = [&](int x) {
      if (levels_.is_frame(x)) found.push_back(x);
    };
    if (here) {
      for (const int x : levels_.edges[at(id)]) add(x);
    } else if (g_[id].op->kind == Kind::handle) {
      add(g_[id].feedback);
    } else {
      for (const int x : g_[id].inputs) add(x);
    }
    // A sequence in a later run than the writes of tables in it: they are done.
    std::erase_if(found, [&](int x) { return g_[x].type.dtype != DType::signal && homes_.of(x) != homes_.of(id); });
    return found;
  }

  /// What `run` takes from earlier ones, and what it computes again.
  void choose(int run) {
    MinCut network;
    std::map<int, std::pair<int, int>> nodes;  // node -> (is there, is computed here), both on the source's side where true
    std::vector<int> waiting;
    const auto there = [&](int id) {
      const auto [found, fresh] = nodes.try_emplace(id);
      if (fresh) {
        const int first = network.add_node();
        found->second = {first, network.add_node()};
        waiting.push_back(id);
      }
      return found->second.first;
    };
    constexpr int source = 0, sink = 1;
    for (const int id : needed_[at(run)]) network.add_edge(source, there(id), MinCut::unlimited);
    for (const int id : sums_[at(run)]) network.add_edge(source, there(g_[id].inputs[0]), MinCut::unlimited);
    while (!waiting.empty()) {
      const int id = waiting.back();
      waiting.pop_back();
      const auto [is_there, is_computed] = nodes.at(id);
      const bool here = homes_.of(id) == run && !is_source(id);
      check(homes_.of(id) <= run, "a run needs what earlier ones have");
      const bool stored = needed_[at(homes_.of(id))].contains(id);
      network.add_edge(is_there, is_computed,
                       here || is_source(id) ? MinCut::unlimited : capacity(rate(id) * (tape_load + (stored ? 0 : tape_store))));
      if (!here) network.add_edge(is_computed, sink, is_stateless(id) ? capacity(work(id)) : MinCut::unlimited);
      if (!here && !is_stateless(id)) continue;
      for (const int x : frame_inputs(id, here)) network.add_edge(is_computed, there(x), MinCut::unlimited);
    }
    const std::vector<bool> side = network.source_side();
    for (const auto& [id, both] : nodes) {
      if (!side[at(both.first)] || is_source(id)) continue;
      const bool computed = side[at(both.second)];
      if (computed && !homes_.is_dependent(run)) separate_work_ += levels_.in_loop[at(id)] ? g_[id].op->cost : work(id);
      if (homes_.of(id) == run) continue;
      (computed ? again_ : kept_)[at(run)].insert(id);
      if (!computed) needed_[at(homes_.of(id))].insert(id);
    }
  }

  void write(std::span<const int> wanted) {
    std::vector<int> place(at(homes_.count()), -1);
    for (int run = 0; run < homes_.count(); ++run) {
      if (needed_[at(run)].empty() && sums_[at(run)].empty()) continue;
      place[at(run)] = static_cast<int>(made_.phases.size());
      const std::set<int>& kept = kept_[at(run)];
      PhaseWriter writer(g_, levels_, homes_.is_reversed(run), [&kept](int id) { return kept.contains(id); });
      for (const int id : needed_[at(run)]) writer.add_output(id);
      for (const int id : sums_[at(run)]) writer.add_sum(id);
      made_.phases.push_back({writer.take(), homes_.is_dependent(run)});
      for (const bool keep : {true, false}) {
        for (const int id : (keep ? kept_ : again_)[at(run)]) {
          const int home = place[at(homes_.of(id))];
          if (home >= 0) made_.crossings.push_back({id, home, place[at(run)], keep, !is_stateless(id)});
        }
      }
    }
    PhaseWriter last(g_, levels_, false, [](int) { return true; });
    std::set<int> given;
    for (const int id : wanted) {
      made_.is_frames.push_back(levels_.is_frame(id));
      if (!levels_.is_frame(id) && !is_sum(id) && given.insert(id).second) last.add_output(id);
    }
    made_.phases.push_back({last.take(), true});
  }

  const Graph& g_;
  const PhaseLevels& levels_;
  const SegmentHomes homes_;
  std::vector<std::set<int>> needed_;  ///< by run: signals it gives, to later runs or the host
  std::vector<std::set<int>> sums_;    ///< by run: the reduce nodes it adds up
  std::vector<std::set<int>> kept_;    ///< by run: signals it takes from earlier ones
  std::vector<std::set<int>> again_;   ///< by run: signals of earlier runs that it computes again
  double separate_work_ = 0;
  SegmentPlan made_;
};

}  // namespace

SegmentPlan plan_segment(const Graph& graph, std::span<const int> wanted) {
  const PhaseLevels levels = phase_levels(graph, wanted);
  Planner separate(graph, wanted, levels, true);
  if (separate.separate_work() >= worth_a_run) return separate.take();
  return Planner(graph, wanted, levels, false).take();
}

}  // namespace dgen::passes

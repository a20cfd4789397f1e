#include "schedule/explain_stage.h"

#include <algorithm>

#include "base/index.h"
#include "graph/affine_loop.h"
#include "graph/cascade.h"
#include "graph/describe.h"
#include "graph/feedback.h"
#include "passes/batch_coupled.h"
#include "passes/batch_isomorphic.h"
#include "schedule/phase.h"
#include "schedule/row_nodes.h"

namespace dgen::schedule {

namespace {

class StageExplainer {
 public:
  explicit StageExplainer(const Schedule& schedule) : schedule_(schedule), g_(*schedule.graph) {}

  std::string explain(const Stage& stage) const {
    switch (stage.order) {
      case Order::control:
      case Order::control_rows: return stage.why;  // they come with it
      case Order::parallel: return explain_parallel(stage);
      case Order::ticks:
        return "once every " + (stage.hop == 1 ? std::string("frame") : std::to_string(stage.hop) + " frames") +
               ", on values with shapes: a vector of elements at a time" + explain_rows(stage);
      case Order::sequential: return explain_loops(stage);
    }
    return {};
  }

 private:
  /// Of loops that run frame after frame.
  std::string explain_loops(const Stage& stage) const {
    std::string text = "frame after frame, because ";
    int count = 0;
    for (const int id : stage.nodes) {
      if (g_[id].op->kind != Kind::recur) continue;
      ++count;
      if (count <= 3) text += (count > 1 ? ", " : "") + describe(g_, id);
    }
    if (count > 3) text += " and " + std::to_string(count - 3) + " more";
    return text + (count == 1 ? " needs its own result of the frame before" : " need their own results of the frame before");
  }

  std::string explain_rows(const Stage& stage) const {
    std::string text;
    for (const int id : stage.nodes) {
      const Node& node = g_[id];
      if (node.op->kind == Kind::contract && node.attributes.name == passes::batch_name) {
        text += "; " + to_string(g_[node.inputs[0]].type.shape) + " equal parts that " + describe(g_, id) +
                " adds up became one over vectors";
      } else if (node.op->kind == Kind::recur) {
        text += "; " + describe(g_, id) +
                (row_phase(g_, id) ? " are phases in fixed point" : " runs frame after frame" + explain_lanes(id));
      }
    }
    return text;
  }

  /// Of a loop whose equal parts `batch_coupled` made lanes.
  std::string explain_lanes(int recur) const {
    const Recurrence& recurrence = *g_[recur].attributes.recurrence;
    const Graph& body = *recurrence.body;
    const auto is_coupling = [](const Node& node) {
      return node.op->kind == Kind::view && node.attributes.name == passes::lanes_name;
    };
    const auto couplings = std::ranges::count_if(body.nodes(), is_coupling);
    if (couplings == 0) return {};
    std::int64_t states = 0;
    for (const RecurrenceState& state : recurrence.states) states += body[state.node].type.shape.elements();
    return ", its " + std::to_string(states) + " states in lanes of vectors; where its parts feed each other, " +
           std::to_string(couplings) + (couplings == 1 ? " view moves" : " views move") + " lanes";
  }

  std::string explain_taps(const Stage& stage) const {
    std::string text;
    for (const int id : stage.nodes) {
      const auto sum = schedule_.taps.sums.find(id);
      if (sum == schedule_.taps.sums.end()) continue;
      for (const TapRun& run : sum->second.runs) {
        text += "; " + describe(g_, id) + " is a FIR filter of " + std::to_string(run.taps.size()) + " taps over " +
                describe(g_, run.source) + ", eight vectors of frames at a time";
      }
    }
    return text;
  }

  std::string explain_parallel(const Stage& stage) const {
    int phases = 0;
    std::string scans;
    for (const int id : stage.nodes) {
      if (g_[id].op->kind != Kind::recur) continue;
      const auto loop = affine_loop(g_, id);
      const auto system = cascade(g_, id);
      if (!loop && !system) ++phases;
      if (system) scans += "; " + explain_cascade(*system, id);
      if (loop) scans += "; " + describe(g_, id) + explain_scan(*loop);
    }
    std::string text =
        scans.empty() ? "no frame needs the result of another: a vector of frames at a time" : "a vector of frames at a time";
    if (phases > 0) {
      text += "; " + std::to_string(phases) + (phases == 1 ? " phase accumulator steps" : " phase accumulators step") +
              " by what does not change within a call, so that any frame's phase is known at once, in fixed point";
    }
    const auto turns = std::count_if(stage.nodes.begin(), stage.nodes.end(), [this](int id) {
      const auto found = oscillator(g_, id);
      return found && schedule_.home[at(found->recur)] == schedule_.home[at(id)];
    });
    if (turns > 0) {
      text += "; " + std::to_string(turns) + (turns == 1 ? " sine of a phase turns" : " sines of phases turn") +
              " from frame to frame, from exact angles";
    }
    return text + scans + explain_taps(stage) + explain_reads(stage);
  }

  std::string explain_reads(const Stage& stage) const {
    const auto count = [&](auto wanted) {
      return std::ranges::count_if(stage.nodes, [&](int id) { return g_[id].op->kind == Kind::line_read && wanted(id); });
    };
    const auto moves_within_bounds = [&](int id) {
      return g_[g_[id].inputs[1]].type.clock == Clock::frame && !is_measured(g_, id);
    };
    const auto reads = count([](int) { return true; });
    if (reads == 0) return {};
    std::string text = "; " + std::to_string(reads) + (reads == 1 ? " read" : " reads") +
                       " of delay lines that feed back: sub-blocks are cut to the shortest delay, so that no loop is left";
    if (const auto moving = count(moves_within_bounds); moving > 0)
      text += "; " + std::to_string(moving) + " of them at times that move, cut to the least that these may become";
    if (const auto measured = count([&](int id) { return is_measured(g_, id); }); measured > 0)
      text += "; " + std::to_string(measured) +
              " of them at times that move and are computed ahead, cut to the least that these become in the frames to come";
    return text;
  }

  std::string explain_cascade(const Cascade& system, int id) const {
    const std::size_t others = system.sections.size() - 1;
    const std::string what = describe(g_, id) + " and " + std::to_string(others) +
                             (others == 1 ? " more filter" : " more filters") + " that it feeds are one linear system of " +
                             std::to_string(system.states) + " states, ";
    if (runs_skewed(*g_[id].attributes.recurrence, system))
      return what + "which stand in a row and run skewed: eight side by side, each four frames behind the one before";
    return what +
           "with responses to each state and input over a vector of frames, computed in double when coefficients have "
           "come "
           "to rest; while they move, the filters run as scans one after another";
  }

  std::string explain_scan(const AffineLoop& loop) const {
    const std::string what = " is affine in its state, so it runs as a scan";
    if (!is_time_invariant(g_, loop)) return what + " with coefficients that change per frame";
    return what + (loop.states == 1 ? "" : " in turned coordinates") +
           " with powers of its coefficients, computed in double when they change";
  }

  const Schedule& schedule_;
  const Graph& g_;
};

}  // namespace

std::string explain_stage(const Schedule& schedule, const Stage& stage) {
  const std::string text = StageExplainer(schedule).explain(stage);
  return stage.ahead ? text + "; ahead of the other stages, which follow the delay times that come of it" : text;
}

}  // namespace dgen::schedule

#include "schedule/schedule.h"

#include <algorithm>
#include <set>

#include "base/index.h"
#include "graph/describe.h"
#include "graph/feedback.h"
#include "schedule/carried_delay.h"
#include "schedule/check_supported.h"
#include "schedule/colouring.h"
#include "schedule/control_stages.h"
#include "schedule/explain_stage.h"
#include "schedule/part_stages.h"
#include "schedule/phase.h"
#include "schedule/row_nodes.h"

namespace dgen::schedule {

namespace {

class Scheduler {
 public:
  explicit Scheduler(std::unique_ptr<const Graph> graph) : g_(*graph) {
    check_supported(g_);
    const Colouring colouring = greedy_colouring(g_);
    const std::vector<int> number = part_stages(g_, colouring.colour, assign_stages(g_, colouring.colour));
    made_.graph = std::move(graph);
    made_.home.assign(at(g_.size()), -1);
    add_control();
    add_stages(number, colouring.colour);
    mark_ahead();
    if (made_.stages.size() == first_frame_stage_) made_.stages.push_back({.order = Order::parallel});  // outputs that are still
    find_taps();
    add_transfers();
    for (Stage& stage : made_.stages) stage.why = explain_stage(made_, stage);
  }

  Schedule take() { return std::move(made_); }

 private:
  void add_control() {
    made_.stages = control_stages(g_);
    for (std::size_t s = 0; s < made_.stages.size(); ++s) {
      for (const int id : made_.stages[s].nodes) made_.home[at(id)] = static_cast<int>(s);
    }
    first_frame_stage_ = made_.stages.size();
  }

  void add_stages(const std::vector<int>& number, const std::vector<Colour>& colour) {
    std::vector<int> used(number.begin(), number.end());
    for (int id = 0; id < g_.size(); ++id) {
      if (g_[id].op->kind == Kind::overlap_add) used.push_back(adding_stage(g_, number, id));
    }
    add_filling_stages(colour, used);
    if (!hops_of(g_).empty() && gives_still_value()) used.push_back(0);
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    if (!used.empty() && used.front() < 0) used.erase(used.begin());
    const std::size_t before = made_.stages.size();
    const std::vector<std::int32_t> hops = hops_of(g_);
    for (const int s : used) {
      const int kind = stage_class(s, hops.size());
      made_.stages.push_back({.order = kind == 0 ? Order::parallel : kind == 1 ? Order::sequential : Order::ticks});
      if (kind > 1) made_.stages.back().hop = hops[at(kind - 2)];
    }
    const auto place = [&](int s) {
      return before + static_cast<std::size_t>(std::lower_bound(used.begin(), used.end(), s) - used.begin());
    };
    for (int id = 0; id < g_.size(); ++id) {
      if (colour[at(id)] == Colour::still) continue;
      const std::size_t stage = place(number[at(id)]);
      made_.stages[stage].nodes.push_back(id);
      made_.home[at(id)] = static_cast<int>(stage);
      if (g_[id].op->kind == Kind::overlap_add) made_.stages[place(adding_stage(g_, number, id))].adds.push_back(id);
    }
  }

  /// Stages up to the last one of what is known ahead.
  void mark_ahead() {
    const std::vector<bool> ahead = known_ahead(g_);
    std::size_t end = first_frame_stage_;
    for (int id = 0; id < g_.size(); ++id) {
      if (ahead[at(id)] && made_.home[at(id)] >= 0) end = std::max(end, at(made_.home[at(id)]) + 1);
    }
    for (std::size_t s = first_frame_stage_; s < end; ++s) made_.stages[s].ahead = true;
  }

  /// Stages that fill the rings of host inputs, also where nothing else runs before a delay.
  void add_filling_stages(const std::vector<Colour>& colour, std::vector<int>& used) const {
    for (int id = 0; id < g_.size(); ++id) {
      const Node& node = g_[id];
      const bool delays = node.op->kind == Kind::delay || node.op->kind == Kind::window;
      if (delays && carried_frames(g_, id) == 0 && colour[at(node.inputs[0])] == Colour::still)
        used.push_back(filling_stage(g_, node.inputs[0]));
    }
  }

  /// Whether an output is a number that no per-frame stage computes; a stage of rows cannot write it.
  bool gives_still_value() const {
    return std::any_of(g_.outputs().begin(), g_.outputs().end(), [this](const Output& output) {
      const Node& node = g_[output.node];
      const bool still = node.type.clock <= Clock::control || node.op->kind == Kind::input;
      return still && node.type.shape.rank == 0 && node.op->kind != Kind::reduce;
    });
  }

  /// Where a node's per-frame value can be had: its stage, or for what is still the first frame stage of its kind.
  std::size_t source(int id) const {
    const int home = made_.home[at(id)];
    if (home >= static_cast<int>(first_frame_stage_)) return at(home);
    const bool shaped = g_[id].type.shape.rank > 0;
    std::size_t s = first_frame_stage_;
    while (s + 1 < made_.stages.size() && (made_.stages[s].order == Order::ticks) != shaped) ++s;
    return s;
  }

  /// The stage that writes an output: none that runs ahead, whose frames would come to the host before later ones are read.
  std::size_t writing_stage(int id) const {
    std::size_t s = source(id);
    const bool ahead = made_.stages[s].ahead;
    while (s + 1 < made_.stages.size() && (made_.stages[s].ahead || (ahead && made_.stages[s].order == Order::ticks))) ++s;
    return s;
  }

  bool is_per_frame(int id) const {
    return g_[id].type.dtype == DType::signal &&
           (g_[id].op->kind == Kind::input || made_.home[at(id)] >= static_cast<int>(first_frame_stage_));
  }

  /// FIR filters, where their vectors are frames.
  void find_taps() {
    made_.taps = find_tap_sums(g_);
    const auto is_parallel = [this](int id) {
      return made_.home[at(id)] >= 0 && made_.stages[at(made_.home[at(id)])].order == Order::parallel;
    };
    const bool all =
        std::all_of(made_.taps.sums.begin(), made_.taps.sums.end(), [&](const auto& sum) { return is_parallel(sum.first); });
    if (!all) made_.taps = {};
  }

  void add_transfers() {
    std::vector<std::set<int>> loads(made_.stages.size()), stores(loads), fills(loads), windows(loads);
    const auto read = [&](std::size_t stage, int x) {
      if (!is_per_frame(x)) return;
      if (g_[x].op->kind != Kind::input && source(x) == stage) return;
      loads[stage].insert(x);
      if (g_[x].op->kind != Kind::input) stores[source(x)].insert(x);
    };
    for (std::size_t s = first_frame_stage_; s < made_.stages.size(); ++s) {
      for (const int id : made_.stages[s].nodes) {
        const Node& node = g_[id];
        const bool delays = node.op->kind == Kind::delay && carried_frames(g_, id) == 0;
        if (delays) fill(node.inputs[0], fills, loads);
        if (node.op->kind == Kind::line_read) fill(g_[node.inputs[0]].feedback, fills, loads);
        if (node.op->kind == Kind::window) fill(node.inputs[0], windows, loads);
        if (node.op->kind == Kind::window || node.op->kind == Kind::overlap_add || made_.taps.absorbed.contains(id)) continue;
        if (const auto sum = made_.taps.sums.find(id); sum != made_.taps.sums.end()) {
          for (const TapSum::Term& term : sum->second.rest) read(s, term.node);
          continue;
        }
        for (std::size_t k = delays ? 1 : 0; k < node.inputs.size(); ++k) read(s, node.inputs[k]);
      }
      for (const int id : made_.stages[s].adds) read(s, g_[id].inputs[0]);
    }
    for (std::size_t c = 0; c < g_.outputs().size(); ++c) {
      const int node = g_.outputs()[c].node;
      if (g_[node].op->kind == Kind::reduce) continue;  // added up by the stage it is a node of
      if (g_[node].type.clock <= Clock::control && g_[node].type.shape.rank > 0) continue;  // read where it is computed
      const std::size_t stage = writing_stage(node);
      made_.stages[stage].outputs.push_back(static_cast<int>(c));
      read(stage, node);
    }
    for (std::size_t s = 0; s < made_.stages.size(); ++s) {
      made_.stages[s].loads.assign(loads[s].begin(), loads[s].end());
      made_.stages[s].stores.assign(stores[s].begin(), stores[s].end());
      made_.stages[s].fills.assign(fills[s].begin(), fills[s].end());
      made_.stages[s].windows.assign(windows[s].begin(), windows[s].end());
    }
  }

  void fill(int x, std::vector<std::set<int>>& fills, std::vector<std::set<int>>& loads) const {
    const std::size_t stage = source(x);
    fills[stage].insert(x);
    if (g_[x].op->kind == Kind::input) loads[stage].insert(x);
  }

  const Graph& g_;
  Schedule made_;
  std::size_t first_frame_stage_ = 0;
};

}  // namespace

bool can_measure(const Schedule& schedule) {
  return std::ranges::none_of(schedule.stages, [](const Stage& stage) { return stage.ahead && stage.order == Order::ticks; });
}

Schedule make_schedule(std::unique_ptr<const Graph> graph) { return Scheduler(std::move(graph)).take(); }

const char* to_string(Order order) {
  switch (order) {
    case Order::control: return "control";
    case Order::control_rows: return "control rows";
    case Order::parallel: return "parallel";
    case Order::sequential: return "sequential";
    case Order::ticks: return "ticks";
  }
  return "?";
}

std::string to_text(const Schedule& schedule) {
  std::string text;
  const auto list = [&](const char* title, const std::vector<int>& ids, const char* mark) {
    if (ids.empty()) return;
    text += std::string("  ") + title;
    for (const int id : ids) text += std::string(" ") + mark + std::to_string(id);
    text += "\n";
  };
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const Stage& stage = schedule.stages[s];
    text += "stage " + std::to_string(s) + " " + to_string(stage.order) + ": " + stage.why + "\n";
    list("loads", stage.loads, "%");
    for (const int id : stage.nodes) {
      text += "  %" + std::to_string(id) + " = " + std::string((*schedule.graph)[id].op->name);
      for (const int x : (*schedule.graph)[id].inputs) text += " %" + std::to_string(x);
      const Type& type = (*schedule.graph)[id].type;
      if (type.clock == Clock::hop || type.shape.rank > 0) text += " : " + to_string(type);
      text += "  # " + describe(*schedule.graph, id) + "\n";
    }
    list("stores", stage.stores, "%");
    list("keeps the past of", stage.fills, "%");
    list("keeps windows of", stage.windows, "%");
    list("adds up", stage.adds, "%");
    list("outputs", stage.outputs, "");
  }
  return text;
}

}  // namespace dgen::schedule

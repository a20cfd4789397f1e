#include "schedule/device_schedule.h"

#include <algorithm>
#include <set>

#include "base/index.h"
#include "dgen/error.h"
#include "graph/affine_loop.h"
#include "graph/describe.h"
#include "schedule/phase.h"

namespace dgen::schedule {

namespace {

constexpr int still = -1;
constexpr int classes = 3;  ///< of stages, in turn: maps, scans, sequential loops

void check_types(const Graph& g) {
  for (int id = 0; id < g.size(); ++id) {
    const Type& type = g[id].type;
    if (type.dtype == DType::signal && (type.shape.rank > 0 || type.clock == Clock::hop || g[id].op->kind == Kind::reduce))
      throw Error(ErrorCode::bad_type, describe(g, id) + " is " + to_string(type) +
                                           "; devices take patches of scalar signals that stream, the cpu back end takes it");
  }
}

class DeviceScheduler {
 public:
  explicit DeviceScheduler(std::unique_ptr<const Graph> graph) : g_(*graph), slot_(at(g_.size()), still) {
    check_types(g_);
    made_.graph = std::move(graph);
    made_.home.assign(at(g_.size()), -1);
    for (int id = 0; id < g_.size(); ++id) place(id);
    add_control();
    add_stages();
    add_transfers();
  }

  Schedule take() { return std::move(made_); }

 private:
  bool per_frame(int id) const { return slot_[at(id)] != still; }

  int class_of(int id) const {
    const bool loop = g_[id].op->kind == Kind::recur;
    if (!loop) return 0;
    switch (loop_form(g_, id)) {
      case LoopForm::steady: return 0;
      case LoopForm::phase:
      case LoopForm::scan: return 1;
      case LoopForm::sequential: return 2;
    }
    throw InternalError("internal error: a loop of no form");
  }

  /// The first slot of its class in which all that a node reads is there. Only maps may read what the same stage computes.
  void place(int id) {
    const Node& node = g_[id];
    const Kind kind = node.op->kind;
    if (node.type.dtype == DType::table && kind != Kind::recur) return;
    if (kind == Kind::constant || kind == Kind::param || kind == Kind::input || kind == Kind::table || kind == Kind::line) return;
    if (kind != Kind::recur && node.type.clock <= Clock::control) return;
    if (kind == Kind::result) {
      slot_[at(id)] = slot_[at(node.inputs[0])];
      return;
    }
    const int own = class_of(id);
    int first = own;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      const int from = slot_[at(node.inputs[k])];
      const bool past = kind == Kind::delay && k == 0;  // of a kernel that is over: frames of this call may be among it
      if (past) first = std::max(first, std::max(from, 0) + 1);
      if (from != still) first = std::max(first, own == 0 && from % classes == 0 && !past ? from : from + 1);
    }
    slot_[at(id)] = first + (own - first % classes + classes) % classes;
  }

  void add_control() {
    Stage control{.order = Order::control,
                  .why = "depends on parameters and the sample rate only: computed by the host, in double"};
    for (int id = 0; id < g_.size(); ++id) {
      const Node& node = g_[id];
      if (node.type.dtype != DType::signal || node.type.clock > Clock::control || node.op->kind == Kind::constant) continue;
      control.nodes.push_back(id);
      made_.home[at(id)] = 0;
    }
    if (!control.nodes.empty()) made_.stages.push_back(std::move(control));
    first_ = made_.stages.size();
  }

  void add_stages() {
    std::set<int> used{0};  // what is still leaves by the first stage, and is kept by it
    for (const int slot : slot_) {
      if (slot != still) used.insert(slot);
    }
    for (const int slot : used) {
      made_.stages.push_back({.order = slot % classes == 2 ? Order::sequential : Order::parallel, .why = why(slot % classes)});
      for (int id = 0; id < g_.size(); ++id) {
        if (slot_[at(id)] != slot) continue;
        made_.stages.back().nodes.push_back(id);
        made_.home[at(id)] = static_cast<int>(made_.stages.size()) - 1;
      }
    }
  }

  static const char* why(int stage_class) {
    if (stage_class == 0) return "no frame needs the result of another: a work item a frame";
    if (stage_class == 1) return "sums of what came before, in three phases: chunks of frames, their ends, the frames again";
    return "loops that need their own result of the frame before and are no sums: a work item a loop";
  }

  /// The stage that has a node's value of every frame; the first one for what is still.
  std::size_t source(int id) const { return per_frame(id) ? at(made_.home[at(id)]) : first_; }

  void add_transfers() {
    std::vector<std::set<int>> loads(made_.stages.size()), stores(loads), fills(loads);
    const auto read = [&](std::size_t stage, int x) {
      const bool input = g_[x].op->kind == Kind::input;
      if (g_[x].type.dtype != DType::signal || (!input && (!per_frame(x) || source(x) == stage))) return;
      loads[stage].insert(x);
      if (!input) stores[source(x)].insert(x);
    };
    const auto fill = [&](int x) {
      fills[source(x)].insert(x);
      if (g_[x].op->kind == Kind::input) loads[source(x)].insert(x);
    };
    for (std::size_t s = first_; s < made_.stages.size(); ++s) {
      for (const int id : made_.stages[s].nodes) {
        const Node& node = g_[id];
        if (node.op->kind == Kind::result) continue;
        const bool delays = node.op->kind == Kind::delay;
        if (delays) fill(node.inputs[0]);
        if (node.op->kind == Kind::line_read) fill(g_[node.inputs[0]].feedback);
        for (std::size_t k = delays ? 1 : 0; k < node.inputs.size(); ++k) read(s, node.inputs[k]);
      }
    }
    for (std::size_t c = 0; c < g_.outputs().size(); ++c) {
      const int node = g_.outputs()[c].node;
      made_.stages[source(node)].outputs.push_back(static_cast<int>(c));
      if (g_[node].op->kind == Kind::input) loads[first_].insert(node);
    }
    for (std::size_t s = 0; s < made_.stages.size(); ++s) {
      made_.stages[s].loads.assign(loads[s].begin(), loads[s].end());
      made_.stages[s].stores.assign(stores[s].begin(), stores[s].end());
      made_.stages[s].fills.assign(fills[s].begin(), fills[s].end());
    }
  }

  const Graph& g_;
  std::vector<int> slot_;  ///< by node; slots of a class are `classes` apart
  Schedule made_;
  std::size_t first_ = 0;  ///< stage of frames
};

}  // namespace

LoopForm loop_form(const Graph& graph, int recur) {
  if (const auto phase = phase_accumulator(graph, recur)) return is_steady(graph, *phase) ? LoopForm::steady : LoopForm::phase;
  return affine_loop(graph, recur) ? LoopForm::scan : LoopForm::sequential;
}

Schedule make_device_schedule(std::unique_ptr<const Graph> graph) { return DeviceScheduler(std::move(graph)).take(); }

bool is_scan_stage(const Graph& graph, const Stage& stage) {
  return stage.order == Order::parallel && std::any_of(stage.nodes.begin(), stage.nodes.end(), [&](int id) {
           return graph[id].op->kind == Kind::recur && loop_form(graph, id) != LoopForm::steady;
         });
}

}  // namespace dgen::schedule

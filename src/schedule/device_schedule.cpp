#include "schedule/device_schedule.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/index.h"
#include "graph/affine_loop.h"
#include "graph/tensor_elements.h"
#include "passes/affine_loops.h"
#include "schedule/control_stages.h"
#include "schedule/device_supported.h"
#include "schedule/loop_parts.h"
#include "schedule/phase.h"
#include "schedule/product_tiles.h"
#include "schedule/row_nodes.h"

namespace dgen::schedule {

namespace {

constexpr int still = -1;

/// Stages of one class run alike: what nodes in one stage have in common.
struct StageClass {
  DeviceForm form = DeviceForm::rows;
  std::int32_t hop = 1;
  std::int64_t elements = 1;
  int alone = -1;  ///< a node that shares its stage with no other
  bool operator<(const StageClass& other) const { return key() < other.key(); }
  bool operator==(const StageClass& other) const { return key() == other.key(); }
  std::tuple<DeviceForm, std::int32_t, std::int64_t, int> key() const { return {form, hop, elements, alone}; }
};

const char* why(DeviceForm form) {
  switch (form) {
    case DeviceForm::rows: return "no frame or element needs the result of another: a work item for each";
    case DeviceForm::lines: return "runs along an axis: a work item for every tick and line of elements";
    case DeviceForm::parts: return "long sums over elements, in parts: a work item for every tick and part";
    case DeviceForm::transform: return "a Fourier transform, pass after pass: a work item for every tick and butterfly";
    case DeviceForm::product: return "a matrix product by tiles: a work item for every tick and element";
    case DeviceForm::scans: return "sums of what came before, in three phases: chunks of frames, their ends, the frames again";
    case DeviceForm::loops: return "loops that need their own result of the frame before and are no sums: a work item a loop";
    case DeviceForm::row_loops:
      return "loops that need their own result of the frame before, in which elements do not meet: a work item an element";
    case DeviceForm::row_scans:
      return "sums of what came before, in which elements do not meet, in three phases: chunks of frames, their ends, the frames "
             "again";
    case DeviceForm::coupled:
      return "loops that need their own result of the frame before, in which elements meet: a work item for each part that meets "
             "no other";
    case DeviceForm::sums: return "sums over time, in two phases: chunks of ticks, then their sums, in order";
  }
  return "";
}

class DeviceScheduler {
 public:
  DeviceScheduler(std::unique_ptr<const Graph> graph, ir::Run run, const ir::GroupLimits& group)
      : g_(*graph), slot_(at(g_.size()), still), parts_slot_(slot_) {
    check_device_supported(g_, run);
    made_.run = run;
    made_.group = group;
    made_.control.stages = control_stages(g_);
    made_.control.home.assign(at(g_.size()), -1);
    made_.control.graph = std::move(graph);
    find_inlined();
    list_classes();
    for (int id = 0; id < g_.size(); ++id) place(id);
    add_stages();
    add_transfers();
  }

  DeviceSchedule take() { return std::move(made_); }

 private:
  /// What windows frames and whatever else only a transform, a sum or a product reads: it is computed where that reads it.
  void find_inlined() {
    inlined_by_.assign(at(g_.size()), -1);
    std::vector<int> uses(at(g_.size())), reader(at(g_.size()), -1);
    for (int id = 0; id < g_.size(); ++id) {
      for (const int x : g_[id].inputs) ++uses[at(x)], reader[at(x)] = id;
      if (g_[id].feedback >= 0) ++uses[at(g_[id].feedback)];
    }
    for (const Output& output : g_.outputs()) ++uses[at(output.node)];
    for (int id = g_.size(); id-- > 0;) {
      const Node& node = g_[id];
      const Kind kind = node.op->kind;
      const bool by_element = kind == Kind::pointwise || kind == Kind::expand || kind == Kind::reshape || kind == Kind::view;
      if (!by_element || !runs(id) || uses[at(id)] != 1 || reader[at(id)] < 0) continue;
      const int by = reader[at(id)], root = is_inlined(by) ? inlined_by_[at(by)] : by;
      const bool once = g_[by].op->kind != Kind::view && g_[by].type.shape.elements() == node.type.shape.elements();
      if ((root == by || once) && may_be_inlined(node, root)) inlined_by_[at(id)] = root;
    }
  }

  /// A transform reads an element once or twice, a sum over elements once, a tile of a product once for every tile beside it.
  bool may_be_inlined(const Node& node, int root) const {
    const bool only_moved = node.op->kind != Kind::pointwise;
    if (g_[root].op->kind == Kind::fft) return true;
    if (g_[root].op->kind == Kind::contract) return only_moved || node.op->cost <= 1;
    return only_moved && tiled_product(g_, root, made_.group);
  }

  bool is_inlined(int id) const { return inlined_by_[at(id)] >= 0; }

  bool is_placed(int id) const { return slot_[at(id)] != still; }
  int classes() const { return static_cast<int>(classes_.size()); }

  /// Read where its past is kept.
  bool is_window(int id) const { return g_[id].op->kind == Kind::window; }

  /// Whether something computes the node per frame or tick. Host inputs and values with shapes that rest are copied where their
  /// past is needed.
  bool runs(int id) const {
    const Node& node = g_[id];
    const Kind kind = node.op->kind;
    if (kind == Kind::recur || copied_.contains(id)) return true;
    if (kind == Kind::input) return false;
    if (kind == Kind::reduce) return moves(g_[node.inputs[0]].type);
    return node.type.dtype == DType::signal && node.type.clock > Clock::control;
  }

  StageClass class_of(int id) const {
    const Node& node = g_[id];
    const std::int64_t elements = node.type.shape.elements();
    const std::int32_t hop = device_hop(node.type);
    if (node.op->kind == Kind::fft) return {DeviceForm::transform, hop, elements, id};
    if (tiled_product(g_, id, made_.group)) return {DeviceForm::product, hop, elements, id};
    if (node.op->kind == Kind::cumulate)
      return {DeviceForm::lines, hop, elements / Along(node.type.shape, node.attributes.axis).extent, -1};
    if (node.op->kind == Kind::reduce)
      return {DeviceForm::sums, device_hop(g_[node.inputs[0]].type), g_[node.inputs[0]].type.shape.elements(), -1};
    if (node.op->kind != Kind::recur) return {DeviceForm::rows, hop, elements, -1};
    switch (loop_form(g_, id)) {
      case LoopForm::steady: return {DeviceForm::rows, 1, is_shaped_loop(g_, id) ? loop_elements(g_, id) : 1, -1};
      case LoopForm::phase:
      case LoopForm::scan: return {DeviceForm::scans, 1, 1, -1};
      case LoopForm::sequential: return {DeviceForm::loops, 1, 1, -1};
      case LoopForm::elements: return {DeviceForm::row_loops, 1, loop_elements(g_, id), -1};
      case LoopForm::row_scan: return {DeviceForm::row_scans, 1, loop_elements(g_, id), -1};
      case LoopForm::coupled: return {DeviceForm::coupled, 1, independent_parts(g_, id), -1};
    }
    return {};
  }

  StageClass parts_class(int id) const {
    return {DeviceForm::parts, device_hop(g_[id].type), g_[id].type.shape.elements() * parts_of_sum(g_, id), -1};
  }

  bool has_parts(int id) const { return g_[id].op->kind == Kind::contract && parts_of_sum(g_, id) > 1; }

  void list_classes() {
    for (const Node& node : g_.nodes()) {
      const Kind kind = node.op->kind;
      const bool keeps = kind == Kind::window || kind == Kind::delay || kind == Kind::hold || kind == Kind::overlap_add;
      if (!keeps) continue;
      const Node& x = g_[node.inputs[0]];
      const bool given = x.op->kind == Kind::input || !moves(x.type);
      if (given && (x.type.shape.rank > 0 || x.type.clock == Clock::hop)) copied_.insert(node.inputs[0]);
    }
    std::set<StageClass> found{StageClass{}};  // frames of numbers come first: what is still leaves by their first stage
    for (int id = 0; id < g_.size(); ++id) {
      if (g_[id].op->kind == Kind::result || !runs(id) || is_inlined(id)) continue;
      found.insert(class_of(id));
      if (has_parts(id)) found.insert(parts_class(id));
    }
    classes_.assign(found.begin(), found.end());
    const auto frames = std::find(classes_.begin(), classes_.end(), StageClass{});
    std::rotate(classes_.begin(), frames, frames + 1);
  }

  int number_of(const StageClass& wanted) const {
    return static_cast<int>(std::find(classes_.begin(), classes_.end(), wanted) - classes_.begin());
  }

  /// The least slot of a class that is at least `first`; slots of a class are `classes()` apart.
  int slot_from(int first, int number) const { return first + ((number - first) % classes() + classes()) % classes(); }

  /// Whether a node may read input k as it is computed in the same stage: the element that the work item has, or the only one.
  bool reads_in_place(int id, std::size_t k) const {
    const Node& node = g_[id];
    const Kind kind = node.op->kind;
    const int x = node.inputs[k];
    if (is_window(x) || node.op->kind == Kind::window || kind == Kind::hold || kind == Kind::overlap_add) return false;
    if (kind == Kind::delay && k == 0) return false;
    if (has_parts(id)) return false;
    const std::int64_t own = node.type.shape.elements(), given = g_[x].type.shape.elements();
    const bool by_element = kind == Kind::pointwise || kind == Kind::expand || kind == Kind::reshape;
    return own == given && (own == 1 || by_element);
  }

  /// The first slot from which on the value of input k of a node can be read.
  int ready(int id, std::size_t k, int own) const {
    const Kind kind = g_[id].op->kind;
    const int x = g_[id].inputs[k];
    const bool past = k == 0 && (kind == Kind::delay || kind == Kind::window || kind == Kind::hold || kind == Kind::overlap_add);
    if (past) return std::max(slot_[at(x)], 0) + 1;  // of a kernel that is over: frames of this call may be among it
    if (is_window(x)) return ready(x, 0, own);
    if (is_inlined(x)) {
      int first = 0;
      for (std::size_t n = 0; n < g_[x].inputs.size(); ++n) first = std::max(first, ready(x, n, own));
      return first;
    }
    const int from = slot_[at(x)];
    if (from == still) return 0;
    const bool rows = classes_[at(own)].form == DeviceForm::rows;
    return rows && from % classes() == own && reads_in_place(id, k) ? from : from + 1;
  }

  void place(int id) {
    if (g_[id].op->kind == Kind::result) {
      slot_[at(id)] = slot_[at(g_[id].inputs[0])];
      return;
    }
    if (!runs(id) || is_inlined(id)) return;
    const int own = number_of(class_of(id));
    int first = 0;
    for (std::size_t k = 0; k < g_[id].inputs.size(); ++k) first = std::max(first, ready(id, k, own));
    if (has_parts(id)) {
      parts_slot_[at(id)] = slot_from(first, number_of(parts_class(id)));
      first = parts_slot_[at(id)] + 1;
    }
    slot_[at(id)] = slot_from(first, own);
  }

  /// Where a node reads its inputs.
  int slot_of_reads(int id) const { return (has_parts(id) ? parts_slot_ : slot_)[at(id)]; }

  void add_stages() {
    std::set<int> used{0};  // what is still leaves by the first stage, and is kept by it
    for (const auto* slots : {&slot_, &parts_slot_}) {
      for (const int slot : *slots) {
        if (slot != still) used.insert(slot);
      }
    }
    for (const int slot : used) {
      const StageClass& its = classes_[at(slot % classes())];
      DeviceStage stage;
      stage.form = its.form, stage.hop = its.hop, stage.elements = its.elements, stage.why = why(its.form);
      for (int id = 0; id < g_.size(); ++id) {
        if (is_inlined(id) && slot_of_reads(inlined_by_[at(id)]) == slot) stage.nodes.push_back(id), stage.inlined.insert(id);
        if ((its.form == DeviceForm::parts ? parts_slot_ : slot_)[at(id)] == slot) stage.nodes.push_back(id);
      }
      place_of_[slot] = made_.stages.size();
      made_.stages.push_back(std::move(stage));
    }
  }

  /// The stage that has a node's value of every frame; the first one for what is still.
  std::size_t source(int id) const { return is_placed(id) ? place_of_.at(slot_[at(id)]) : 0; }

  void add_transfers() {
    std::vector<std::set<int>> stores(made_.stages.size()), fills(stores), keeps(stores);
    for (std::size_t s = 0; s < made_.stages.size(); ++s) {
      for (const int id : made_.stages[s].nodes) {
        const Node& node = g_[id];
        const Kind kind = node.op->kind;
        if (kind == Kind::result || kind == Kind::input) continue;
        const bool past = kind == Kind::delay || kind == Kind::window;
        const bool ticks = kind == Kind::hold || kind == Kind::overlap_add;
        if (past) fills[source(node.inputs[0])].insert(node.inputs[0]);
        if (ticks) keeps[source(node.inputs[0])].insert(node.inputs[0]);
        if (kind == Kind::line_read) fills[source(g_[node.inputs[0]].feedback)].insert(g_[node.inputs[0]].feedback);
        for (std::size_t k = past || ticks ? 1 : 0; k < node.inputs.size(); ++k) store(id, k, s, stores);
      }
    }
    for (std::size_t c = 0; c < g_.outputs().size(); ++c) {
      const int node = g_.outputs()[c].node;
      if (g_[node].op->kind != Kind::reduce) made_.stages[source(node)].outputs.push_back(static_cast<int>(c));
    }
    for (std::size_t s = 0; s < made_.stages.size(); ++s) {
      made_.stages[s].stores.assign(stores[s].begin(), stores[s].end());
      made_.stages[s].fills.assign(fills[s].begin(), fills[s].end());
      made_.stages[s].keeps.assign(keeps[s].begin(), keeps[s].end());
    }
  }

  /// What stage s reads of another, or at other places than its own.
  void store(int id, std::size_t k, std::size_t s, std::vector<std::set<int>>& stores) const {
    const int x = g_[id].inputs[k];
    if (!is_placed(x) || is_window(x) || is_inlined(x) || g_[x].type.dtype != DType::signal) return;
    if (g_[x].op->kind == Kind::input || !moves(g_[x].type)) return;  // read where they are
    const bool alone = made_.stages[s].form != DeviceForm::rows;
    if (source(x) != s || alone || !reads_in_place(id, k)) stores[source(x)].insert(x);
  }

  const Graph& g_;
  std::vector<StageClass> classes_;
  std::vector<int> slot_, parts_slot_;   ///< by node; parts: of its sums, before it
  std::vector<int> inlined_by_;          ///< by node: the transform, sum or product that computes it; -1: none
  std::set<int> copied_;                 ///< host inputs, and values that rest, whose past is kept in rows
  std::map<int, std::size_t> place_of_;  ///< slot -> stage
  DeviceSchedule made_;
};

/// As many fill a GPU by themselves; a scan would only do three times the work.
constexpr std::int64_t enough_elements = 4096;

bool is_affine_row(const Graph& graph, int recur) {
  return passes::affine_element(*graph[recur].attributes.recurrence, graph[recur].inputs.size()).has_value();
}

}  // namespace

LoopForm loop_form(const Graph& graph, int recur) {
  if (is_shaped_loop(graph, recur)) {
    if (is_steady_row(graph, recur)) return LoopForm::steady;
    if (!elements_are_apart(graph, recur)) return LoopForm::coupled;
    return loop_elements(graph, recur) < enough_elements && is_affine_row(graph, recur) ? LoopForm::row_scan : LoopForm::elements;
  }
  if (const auto phase = phase_accumulator(graph, recur)) return is_steady(graph, *phase) ? LoopForm::steady : LoopForm::phase;
  return affine_loop(graph, recur) ? LoopForm::scan : LoopForm::sequential;
}

DeviceSchedule make_device_schedule(std::unique_ptr<const Graph> graph, ir::Run run, const ir::GroupLimits& group) {
  return DeviceScheduler(std::move(graph), run, group).take();
}

std::int32_t device_hop(const Type& type) { return type.clock == Clock::hop ? type.hop : 1; }

std::int64_t summed_elements(const Graph& graph, int contract) {
  return graph[graph[contract].inputs[0]].type.shape.elements() / graph[contract].type.shape.elements();
}

std::int64_t parts_of_sum(const Graph& graph, int contract) {
  constexpr std::int64_t longest = 64;  // elements that one work item adds up
  const std::int64_t summed = summed_elements(graph, contract);
  return summed <= 2 * longest ? 1 : (summed + longest - 1) / longest;
}

}  // namespace dgen::schedule

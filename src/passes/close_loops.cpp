#include "passes/close_loops.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/index.h"
#include "dgen/compare.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "graph/feedback.h"
#include "passes/least_delay.h"
#include "passes/loop_analysis.h"
#include "passes/loop_body.h"

namespace dgen::passes {

namespace {

class LoopCloser {
 public:
  LoopCloser(const Graph& g, bool measures) : g_(g), a_(analyse_loops(g, measures)) {
    result_.graph = std::make_unique<Graph>();
    result_.map.assign(at(g.size()), -1);
    find_uses();
    for (int id = 0; id < g.size(); ++id) {
      if (g[id].op->kind == Kind::param || g[id].op->kind == Kind::input) copy(id);
    }
    for (const std::vector<int>& component : a_.components) {
      if (component.size() == 1 && !is_loop(component.front())) {
        copy(component.front());
      } else {
        close(component);
      }
    }
    for (const auto& [line, made] : lines_) result_.graph->close({result_.graph.get(), made}, mapped(g[line].feedback));
    for (int id = 0; id < g.size(); ++id) result_.map[at(id)] = result_.map[at(a_.alias[at(id)])];
    for (const Output& output : g.outputs()) result_.graph->leave(mapped(output.node), output.name);
  }

  Rewritten take() { return std::move(result_); }

 private:
  bool is_loop(int id) const {
    const std::vector<int>& edges = a_.edges[at(id)];
    return std::find(edges.begin(), edges.end(), id) != edges.end();
  }

  Signal mapped(int id) const { return {result_.graph.get(), result_.map[at(a_.alias[at(id)])]}; }

  /// The line that a line_read reads.
  const Node& line_of(const Node& read) const { return g_[a_.alias[at(read.inputs[0])]]; }

  /// Which nodes are used from outside their component (a line stands for what goes into it).
  void find_uses() {
    std::vector<int> component_of(at(g_.size()), -1);
    used_outside_.assign(at(g_.size()), false);
    for (std::size_t c = 0; c < a_.components.size(); ++c) {
      for (const int id : a_.components[c]) component_of[at(id)] = static_cast<int>(c);
    }
    for (const std::vector<int>& component : a_.components) {
      for (const int id : component) {
        for (const int x : a_.edges[at(id)]) {
          if (component_of[at(x)] == component_of[at(id)]) continue;
          used_outside_[at(g_[x].op->kind == Kind::line ? a_.alias[at(g_[x].feedback)] : x)] = true;
        }
      }
    }
    for (const Output& output : g_.outputs()) used_outside_[at(a_.alias[at(output.node)])] = true;
    for (int id = 0; id < g_.size(); ++id) {
      if (a_.long_read[at(id)]) used_outside_[at(a_.alias[at(line_of(g_[id]).feedback)])] = true;
    }
  }

  void copy(int id) {
    const Node& node = g_[id];
    const Kind kind = node.op->kind;
    if (result_.map[at(id)] >= 0 || kind == Kind::line) return;
    if (kind == Kind::cell) {
      result_.map[at(id)] = copy_cell(node).id;
    } else if (a_.long_read[at(id)]) {
      result_.map[at(id)] = copy_long_read(id).id;
    } else if (kind == Kind::line_read) {
      result_.map[at(id)] = copy_read(id).id;
    } else if (kind == Kind::table) {  // never written, or it would be in a loop with its writes
      const Type type{.dtype = DType::table, .clock = Clock::constant};
      result_.map[at(id)] = result_.graph->typed(*node.op, type, node.attributes, node.path).id;
    } else {
      std::vector<int> inputs;
      for (std::size_t k = 0; k < node.inputs.size(); ++k) {
        const bool reads_version = k == 0 && kind == Kind::gather;
        inputs.push_back(mapped(reads_version ? a_.version[at(id)] : node.inputs[k]).id);
      }
      result_.map[at(id)] = result_.graph->copy(node, inputs).id;
    }
  }

  /// A read whose loop goes through long reads as well stands outside any loop here, but is still at least 1 frame old.
  Signal copy_read(int id) {
    const Node& node = g_[id];
    const std::int64_t size = line_of(node).attributes.size;
    const Signal x = mapped(line_of(node).feedback), frames = mapped(node.inputs[1]);
    return a_.feedback_read[at(id)] ? tap(x, ops::max(frames, 1.0), std::max<std::int64_t>(size, 1), node)
                                    : tap(x, frames, size, node);
  }

  /// Its line is left to be closed when all nodes are there.
  Signal copy_long_read(int id) {
    Graph& out = *result_.graph;
    Node node = g_[id];
    const int line = a_.alias[at(node.inputs[0])];
    const auto [found, fresh] = lines_.try_emplace(line, out.size());
    if (fresh) out.copy(g_[line], {});
    Signal time = mapped(node.inputs[1]);
    if (a_.measured_read[at(id)]) {
      node.attributes.value = measured_mark;
    } else if (g_[node.inputs[1]].type.clock == Clock::frame) {
      const auto map = [this](int x) { return mapped(x); };
      // A frame less, since rounding may take a float's time that is almost whole to the frame below.
      time = ops::max(ops::floor(least_signal(g_, a_.alias, node.inputs[1], map)) - 1.0, time);
    }
    return out.copy(node, std::array{found->second, time.id});
  }

  Signal tap(Signal x, Signal frames, std::int64_t size, const Node& node) {
    const std::array<Signal, 2> inputs{x, frames};
    return result_.graph->add(ops::delay_tap, inputs, {.size = size, .name = node.path}, node.origin);
  }

  /// Zero, or a tensor of zeros.
  static bool is_zero(const Graph& graph, int id) {
    const Node& node = graph[id];
    if (node.op->kind == Kind::expand) return is_zero(graph, node.inputs[0]);
    return node.op->kind == Kind::constant && node.attributes.value == 0;
  }

  /// A cell outside any loop is a delay of one frame.
  Signal copy_cell(const Node& node) {
    Graph& out = *result_.graph;
    const Signal delayed = tap(mapped(node.feedback), out.constant(1), 1, node);
    const Signal initial = mapped(node.inputs[0]);
    if (is_zero(out, initial.id)) return delayed;
    return ops::select(ops::lt(frame_index(out), 1.0), initial, delayed);
  }

  void close(const std::vector<int>& component) {
    Graph& out = *result_.graph;
    LoopBody body(g_, a_, component, out, result_.map);
    std::vector<int> leaving;
    for (const int id : component) {
      if (!used_outside_[at(id)]) continue;
      body.add_result(id);
      leaving.push_back(id);
    }
    std::vector<Signal> inputs;
    for (const int id : body.inputs()) inputs.push_back({&out, id});
    auto recurrence = std::make_shared<const Recurrence>(body.take());
    const std::string name = recurrence->states.front().name;
    const Signal recur =
        out.add(ops::recur, inputs, {.name = name, .recurrence = std::move(recurrence)}, g_[component.front()].origin);
    for (std::size_t k = 0; k < leaving.size(); ++k) {
      const Node& node = g_[leaving[k]];
      const std::array<Signal, 1> from{recur};
      result_.map[at(leaving[k])] =
          out.add(ops::result, from, {.size = static_cast<std::int64_t>(k), .name = node.path}, node.origin).id;
    }
  }

  const Graph& g_;
  const LoopAnalysis a_;
  Rewritten result_;
  std::vector<bool> used_outside_;
  std::map<int, int> lines_;  ///< line of long reads -> its copy
};

}  // namespace

Rewritten close_loops(const Graph& graph, bool measures) { return LoopCloser(graph, measures).take(); }

}  // namespace dgen::passes

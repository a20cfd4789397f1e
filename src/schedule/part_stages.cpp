#include "schedule/part_stages.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/index.h"
#include "graph/affine_loop.h"
#include "graph/turns.h"
#include "schedule/phase.h"
#include "schedule/tap_sums.h"

namespace dgen::schedule {

namespace {

constexpr double issue = 2;               ///< vector operations a cycle
constexpr double latency = 4;             ///< cycles of an operation whose result the next one waits for
constexpr double window = 200;            ///< operations that a processor has waiting at once
constexpr double crossing = 1.5;          ///< cycles a vector to store and load a value again
constexpr double loop_cycles = 16;        ///< cycles a vector of counting, and of what starts and ends a loop, over few vectors
constexpr double scan_depth = 10;         ///< operations of a scan one behind another
constexpr double most_crossings = 12;     ///< what crosses stays in the first-level cache
constexpr std::size_t most_nodes = 1000;  ///< of a stage that is looked at

/// A part of a stage: nodes in order.
using Part = std::vector<int>;

class Cutter {
 public:
  Cutter(const Graph& graph, const std::vector<Colour>& colour) : g_(graph), colour_(colour), depth_(at(graph.size()), 0) {
    for (const Output& output : g_.outputs()) leaves_.insert(output.node);
  }

  /// The part cut in two again and again, where that takes less time.
  std::vector<Part> cut(const Part& part) {
    measure(part);
    double least = cycles(part);
    Part head, tail;
    std::set<double> depths;
    for (const int id : part) depths.insert(depth_[at(id)]);
    if (!depths.empty()) depths.erase(std::prev(depths.end()));
    std::vector<std::pair<Part, Part>> ways;
    for (const double depth : depths) ways.push_back(halves(part, depth));
    for (auto& [before, behind] : ways) {
      if (before.empty() || behind.empty()) continue;
      const double values = crossings(before, behind);
      const double needed = cycles(before) + cycles(behind) + crossing * values + loop_cycles;
      if (values > most_crossings || needed >= least) continue;
      least = needed, head = before, tail = behind;
    }
    if (head.empty()) return {part};
    std::vector<Part> parts = cut(head);
    for (Part& rest : cut(tail)) parts.push_back(std::move(rest));
    return parts;
  }

 private:
  double work(int id) const {
    const Node& node = g_[id];
    if (node.op->kind == Kind::result) return 0;
    return node.op->kind == Kind::recur ? loop_work(id) : node.op->cost;
  }
  double loop_work(int id) const {
    const auto loop = affine_loop(g_, id);
    if (!loop) return 4;  // a phase
    return is_time_invariant(g_, *loop) ? (loop->states == 1 ? 20 : 60) : (loop->states == 1 ? 40 : 110);
  }
  double steps(int id) const { return g_[id].op->kind == Kind::recur ? scan_depth : work(id); }

  /// Operations one behind another up to each node, from where the part begins.
  void measure(const Part& part) {
    for (const int id : part) depth_[at(id)] = -1;
    for (const int id : part) {
      double before = 0;
      for (const int x : g_[id].inputs) {
        if (std::binary_search(part.begin(), part.end(), x)) before = std::max(before, depth_[at(x)]);
      }
      depth_[at(id)] = before + steps(id);
    }
  }

  double cycles(const Part& part) {
    measure(part);
    double operations = 0, longest = 0;
    for (const int id : part) operations += work(id), longest = std::max(longest, depth_[at(id)]);
    return std::max(operations / issue, operations * longest * latency / window);
  }

  /// What is no deeper than `depth`, and the rest. A node that only the rest takes goes there, where it brings no more inputs.
  std::pair<Part, Part> halves(const Part& part, double depth) {
    measure(part);
    std::set<int> head, taken, behind;
    for (const int id : part) (depth_[at(id)] <= depth ? head : behind).insert(id);
    for (const int id : behind) taken.insert(g_[id].inputs.begin(), g_[id].inputs.end());
    std::set<int> used;
    for (auto id = part.rbegin(); id != part.rend(); ++id) {
      if (!head.contains(*id)) continue;
      if (!used.contains(*id) && sinks(*id, taken)) {
        head.erase(*id), behind.insert(*id);
        taken.insert(g_[*id].inputs.begin(), g_[*id].inputs.end());
      } else {
        used.insert(g_[*id].inputs.begin(), g_[*id].inputs.end());
      }
    }
    for (const int id : behind) {
      const bool of_turns = sine_of_turns(g_, id) || tangent_of_half_turns(g_, id) >= 0;
      if (of_turns && head.contains(g_[id].inputs[0])) return {};  // it is computed of what its angle is computed of
    }
    return {{head.begin(), head.end()}, {behind.begin(), behind.end()}};
  }

  /// Whether a node can be computed in the later part from what is there anyway.
  bool sinks(int id, const std::set<int>& taken) const {
    if (g_[id].op->kind != Kind::pointwise || leaves_.contains(id)) return false;
    return std::all_of(g_[id].inputs.begin(), g_[id].inputs.end(),
                       [&](int x) { return colour_[at(x)] == Colour::still || taken.contains(x); });
  }

  double crossings(const Part& before, const Part& behind) const {
    std::set<int> read;
    for (const int id : behind) read.insert(g_[id].inputs.begin(), g_[id].inputs.end());
    return static_cast<double>(std::count_if(before.begin(), before.end(), [&](int id) { return read.contains(id); }));
  }

  const Graph& g_;
  const std::vector<Colour>& colour_;
  std::vector<double> depth_;
  std::set<int> leaves_;
};

/// Whether all that a stage does is arithmetic, scans and steady phases, which run in any loop over the frames.
bool may_cut(const Graph& graph, const Part& nodes, const TapSums& taps) {
  return std::none_of(nodes.begin(), nodes.end(), [&](int id) {
    const Kind kind = graph[id].op->kind;
    const bool loop = kind == Kind::recur && !affine_loop(graph, id) && !phase_accumulator(graph, id);
    const bool plain = kind == Kind::pointwise || kind == Kind::recur || kind == Kind::result || kind == Kind::noise ||
                       kind == Kind::frame_index || kind == Kind::delay;
    return !plain || loop || oscillator(graph, id) || taps.sums.contains(id) || taps.absorbed.contains(id);
  });
}

}  // namespace

std::vector<int> part_stages(const Graph& graph, const std::vector<Colour>& colour, const std::vector<int>& stage) {
  const int classes = 2 + static_cast<int>(hops_of(graph).size());
  std::map<int, Part> stages;
  for (int id = 0; id < graph.size(); ++id) {
    if (stage[at(id)] >= 0) stages[stage[at(id)]].push_back(id);
  }
  const TapSums taps = find_tap_sums(graph);
  Cutter cutter(graph, colour);
  std::vector<int> made = stage;
  int added = 0;  // a stage more is a round of all classes
  for (const auto& [number, nodes] : stages) {
    const bool cuts =
        stage_class(number, hops_of(graph).size()) == 0 && nodes.size() <= most_nodes && may_cut(graph, nodes, taps);
    const std::vector<Part> parts = cuts ? cutter.cut(nodes) : std::vector<Part>{nodes};
    for (std::size_t k = 0; k < parts.size(); ++k) {
      for (const int id : parts[k]) made[at(id)] = number + classes * (added + static_cast<int>(k));
    }
    added += static_cast<int>(parts.size()) - 1;
  }
  return made;
}

}  // namespace dgen::schedule

#include "passes/fuse_cascades.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/index.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "graph/affine_loop.h"
#include "graph/cascade.h"
#include "passes/linear_regions.h"
#include "passes/rewrite.h"

namespace dgen::passes {

namespace {

/// Writes the body of one cascade.
class CascadeBody {
 public:
  CascadeBody(const Graph& graph, const LinearRegion& region)
      : g_(graph), region_(region), made_(std::make_shared<Recurrence>()) {
    made_->body = std::make_unique<Graph>();
    node_[region.signal] = argument(region.signal);
  }

  std::shared_ptr<const Recurrence> write() {
    for (const int scan : region_.scans) add_states(scan);
    std::vector<int> order = region_.nodes;
    order.insert(order.end(), region_.scans.begin(), region_.scans.end());
    std::sort(order.begin(), order.end());
    for (const int id : order) {
      if (g_[id].op->kind == Kind::recur) {
        add_rows(id);
      } else if (g_[id].op->kind == Kind::result) {
        node_[id] = result(id);
      } else {
        std::vector<int> inputs;
        for (const int x : g_[id].inputs) inputs.push_back(of(x).id);
        node_[id] = body().copy(g_[id], inputs);
      }
    }
    for (const int id : region_.outputs) made_->results.push_back(node_.at(id).id);
    return made_;
  }

  /// The nodes outside that are the recurrence's inputs, in order.
  const std::vector<int>& arguments() const { return arguments_; }

 private:
  Graph& body() { return *made_->body; }

  Signal argument(int outer) {
    const auto number = std::find(arguments_.begin(), arguments_.end(), outer) - arguments_.begin();
    if (number == static_cast<std::ptrdiff_t>(arguments_.size())) arguments_.push_back(outer);
    return body().typed(ops::argument, g_[outer].type, {.size = static_cast<std::int64_t>(number)});
  }

  Signal of(int outer) {
    if (const auto known = node_.find(outer); known != node_.end()) return known->second;
    check(g_[outer].type.clock <= Clock::control, "a cascade computes what it needs, or is given it");
    if (g_[outer].op->kind == Kind::constant) return node_[outer] = body().constant(g_[outer].attributes.value);
    return node_[outer] = argument(outer);
  }

  void add_states(int scan) {
    for (const RecurrenceState& state : g_[scan].attributes.recurrence->states) {
      const auto number = static_cast<std::int64_t>(made_->states.size());
      RecurrenceState mine = state;
      mine.node = body().typed(ops::state, {.clock = Clock::frame}, {.size = number}, state.name).id;
      states_[scan].push_back(made_->states.size());
      made_->states.push_back(std::move(mine));
    }
  }

  void add_rows(int scan) {
    const AffineLoop loop = *affine_loop(g_, scan);
    for (std::size_t k = 0; k < loop.states; ++k) {
      Signal sum = of(loop.offset[k]);
      for (std::size_t j = 0; j < loop.states; ++j) sum = sum + ops::mul(of(loop.matrix[k * loop.states + j]), state(scan, j));
      RecurrenceState& mine = made_->states[states_.at(scan)[k]];
      mine.next = sum.id;
      mine.initial = static_cast<int>(body()[argument(loop.initial[k]).id].attributes.size);
    }
  }

  Signal state(int scan, std::size_t k) { return {&body(), made_->states[states_.at(scan)[k]].node}; }

  Signal result(int id) {
    const int scan = g_[id].inputs[0];
    const AffineLoop loop = *affine_loop(g_, scan);
    const AffineLoop::Result& wanted = loop.results[static_cast<std::size_t>(g_[id].attributes.size)];
    if (!wanted.after) return state(scan, wanted.state);
    return {&body(), made_->states[states_.at(scan)[wanted.state]].next};
  }

  const Graph& g_;
  const LinearRegion& region_;
  std::shared_ptr<Recurrence> made_;
  std::vector<int> arguments_;
  std::map<int, Signal> node_;                      ///< by outer node
  std::map<int, std::vector<std::size_t>> states_;  ///< by scan
};

/// Copies a graph with cascades in place of regions. What is behind a region may come before what it needs in the old graph,
/// so that nodes come in an order of their own.
class Fuser {
 public:
  Fuser(const Graph& graph, const std::vector<LinearRegion>& regions)
      : g_(graph), regions_(regions),
        region_of_(at(graph.size()), -1), result_{std::make_unique<Graph>(), std::vector<int>(at(graph.size()), -1)} {
    for (std::size_t r = 0; r < regions.size(); ++r) {
      bodies_.emplace_back(graph, regions[r]);
      recurrences_.push_back(bodies_.back().write());
      for (const int id : regions[r].outputs) region_of_[at(id)] = static_cast<int>(r);
    }
  }

  Rewritten write() {
    for (int id = 0; id < g_.size(); ++id) {
      if (is_given(id)) write_in_order(id);  // the host's come first, in their order
    }
    for (int id = 0; id < g_.size(); ++id) write_in_order(id);
    Graph& out = *result_.graph;
    for (int id = 0; id < g_.size(); ++id) {
      if (g_[id].op->kind == Kind::line) out.close({&out, map(id)}, {&out, map(g_[id].feedback)});
    }
    for (const Output& output : g_.outputs()) out.leave({&out, map(output.node)}, output.name);
    return std::move(result_);
  }

 private:
  bool is_given(int id) const { return g_[id].op->kind == Kind::param || g_[id].op->kind == Kind::input; }
  int& map(int id) { return result_.map[at(id)]; }

  const std::vector<int>& needs(int id) const {
    const int region = region_of_[at(id)];
    return region >= 0 ? bodies_[at(region)].arguments() : g_[id].inputs;
  }

  /// The node, after all it needs; without recursion, which long graphs would make deep.
  void write_in_order(int root) {
    std::vector<int> waiting{root};
    while (!waiting.empty()) {
      const int id = waiting.back();
      const auto missing = [&](int x) { return map(x) < 0; };
      const std::vector<int>& inputs = needs(id);
      const auto first = std::find_if(inputs.begin(), inputs.end(), missing);
      if (map(id) < 0 && first != inputs.end()) {
        waiting.push_back(*first);
        continue;
      }
      waiting.pop_back();
      if (map(id) < 0) write_node(id);
    }
  }

  void write_node(int id) {
    Graph& out = *result_.graph;
    const int region = region_of_[at(id)];
    std::vector<int> inputs;
    for (const int x : needs(id)) inputs.push_back(map(x));
    if (region < 0) {
      map(id) = out.copy(g_[id], inputs).id;
      return;
    }
    Node node = g_[regions_[at(region)].scans.front()];
    node.attributes.recurrence = recurrences_[at(region)];
    node.attributes.name = cascade_name;
    const std::array from{out.copy(node, inputs)};
    std::int64_t number = 0;
    for (const int output : regions_[at(region)].outputs)
      map(output) = out.add(ops::result, from, {.size = number++}, g_[output].origin).id;
  }

  const Graph& g_;
  const std::vector<LinearRegion>& regions_;
  std::vector<CascadeBody> bodies_;
  std::vector<std::shared_ptr<const Recurrence>> recurrences_;
  std::vector<int> region_of_;  ///< of an output of a region: its number
  Rewritten result_;
};

}  // namespace

Rewritten fuse_cascades(const Graph& graph) {
  const std::vector<LinearRegion> regions = linear_regions(graph);
  return regions.empty() ? rewrite(graph, {}, {}) : Fuser(graph, regions).write();
}

}  // namespace dgen::passes

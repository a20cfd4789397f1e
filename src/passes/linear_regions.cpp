#include "passes/linear_regions.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "base/index.h"
#include "graph/affine_loop.h"
#include "graph/cascade.h"
#include "passes/derivatives.h"

namespace dgen::passes {

namespace {

constexpr std::size_t most_outputs = 4;
constexpr std::size_t open_regions = 8;  ///< that a scan may still join: bounds the search in graphs of many filters

// Cycles of 16 frames, measured on vectors of 16 lanes.
constexpr double scan_cycles[] = {0, 13, 52};  ///< by states
constexpr double product_cycles = 1.25;        ///< a product and a sum of vectors, in a cascade
constexpr double gain = 0.8;                   ///< less is not worth the blocks that are computed after each change

bool per_frame(const Node& node) { return node.type.clock > Clock::control; }

class Finder {
 public:
  explicit Finder(const Graph& graph) : g_(graph), linear_(at(graph.size())), users_(at(graph.size())) {
    for (int id = 0; id < g_.size(); ++id) {
      if (steady_loop(id)) scans_.push_back(id);
      for (const int x : g_[id].inputs) users_[at(x)].push_back(id);
      if (g_[id].feedback >= 0) users_[at(g_[id].feedback)].push_back(outside);
    }
    for (const Output& output : g_.outputs()) users_[at(output.node)].push_back(outside);
  }

  std::vector<LinearRegion> regions() {
    if (scans_.size() < 2) return {};
    for (int id = 0; id < g_.size(); ++id) linear_[at(id)] = is_linear(g_[id]);
    for (const int id : scans_) place(id, *affine_loop(g_, id));
    std::vector<LinearRegion> made;
    for (Growing& region : growing_) {
      if (region.scans.size() < 2) continue;
      LinearRegion finished = finish(region);
      if (is_worth_it(region, finished)) made.push_back(std::move(finished));
    }
    return made;
  }

 private:
  static constexpr int outside = -1;  ///< stands for a user that is no node of a region

  struct Growing {
    std::vector<int> scans;
    int signal = -1;
    std::set<int> inside;  ///< what can be computed from the signal and the scans
    int until = 0;         ///< nodes below are known to be inside or not
    std::size_t states = 0;
    double cycles = 0;  ///< of its scans one by one
  };

  /// Linear in all of its inputs that change per frame, with coefficients that rest within a call.
  bool is_linear(const Node& node) {
    if (node.op->kind != Kind::pointwise || !per_frame(node) || node.type.shape.rank > 0 || node.type.clock != Clock::frame)
      return false;
    std::vector<bool> varying;
    std::vector<std::optional<double>> fixed;
    for (const int x : node.inputs) {
      varying.push_back(per_frame(g_[x]));
      fixed.push_back(g_[x].op->kind == Kind::constant ? std::optional(g_[x].attributes.value) : std::nullopt);
      // A system leaves out entries of 0, so that no output hears what overflowed elsewhere; but 0 times NaN is NaN.
      if (is_zero(x) && !node.op->additive) return false;
    }
    const auto [known, fresh] = linear_ops_.try_emplace({node.op, varying, fixed}, false);
    if (fresh) known->second = vanishes_at_zero(*node.op, varying, fixed) && is_affine(node, varying);
    return known->second;
  }

  bool is_zero(int id) const { return g_[id].op->kind == Kind::constant && g_[id].attributes.value == 0; }

  /// A scan with coefficients that rest and states that are 0 first.
  std::optional<AffineLoop> steady_loop(int id) const {
    if (g_[id].op->kind != Kind::recur) return {};
    const auto loop = affine_loop(g_, id);
    if (!loop || !is_time_invariant(g_, *loop)) return {};
    const auto signal_or_none = [&](int x) { return is_zero(x) || (per_frame(g_[x]) && g_[x].type.clock == Clock::frame); };
    const bool fits = std::all_of(loop->offset.begin(), loop->offset.end(), signal_or_none) &&
                      std::all_of(loop->initial.begin(), loop->initial.end(), [&](int x) { return is_zero(x); });
    return fits ? loop : std::nullopt;
  }

  std::set<int> offsets(const AffineLoop& loop) const {
    std::set<int> made;
    for (const int x : loop.offset) {
      if (!is_zero(x)) made.insert(x);
    }
    return made;
  }

  void place(int id, const AffineLoop& loop) {
    const std::size_t tried = std::min(open_regions, growing_.size());
    for (std::size_t k = 0; k < tried; ++k) {
      if (join(growing_[growing_.size() - 1 - k], id, loop)) return;
    }
    const std::optional<int> signal = common_source(offsets(loop));
    if (!signal) return;
    growing_.push_back({.signal = *signal});
    add(growing_.back(), id, loop);
  }

  void add(Growing& region, int id, const AffineLoop& loop) {
    region.scans.push_back(id);
    region.states += loop.states;
    region.cycles += scan_cycles[loop.states];
  }

  /// Adds the scan where it depends on nothing but the region.
  bool join(Growing& region, int id, const AffineLoop& loop) {
    if (region.states + loop.states > cascade_states) return false;
    close(region, id);
    const std::set<int> needed = offsets(loop);
    const auto there = [&](int x) { return x == region.signal || region.inside.contains(x); };
    if (needed.empty() || !std::all_of(needed.begin(), needed.end(), there)) return false;
    add(region, id, loop);
    return true;
  }

  /// Finds what below `end` can be computed from what the region has.
  void close(Growing& region, int end) const {
    for (int id = region.until; id < end; ++id) {
      if (id == region.signal) continue;
      const Node& node = g_[id];
      const bool result = node.op->kind == Kind::result &&
                          std::find(region.scans.begin(), region.scans.end(), node.inputs[0]) != region.scans.end();
      const auto known = [&](int x) { return !per_frame(g_[x]) || region.inside.contains(x) || x == region.signal; };
      if (result || (linear_[at(id)] && std::all_of(node.inputs.begin(), node.inputs.end(), known))) region.inside.insert(id);
    }
    region.until = std::max(region.until, end);
  }

  /// The earliest signal from which linear nodes make all of `wanted`.
  std::optional<int> common_source(std::set<int> wanted) const {
    std::optional<int> found;
    while (!wanted.empty()) {
      if (wanted.size() == 1) found = *wanted.begin();
      const int latest = *wanted.rbegin();
      if (!linear_[at(latest)]) break;
      wanted.erase(latest);
      for (const int x : g_[latest].inputs) {
        if (per_frame(g_[x])) wanted.insert(x);
      }
    }
    return found;
  }

  LinearRegion finish(Growing& region) const {
    close(region, g_.size());
    LinearRegion made{.scans = region.scans, .signal = region.signal};
    std::set<int> inside = region.inside, of_scans;
    for (const int id : inside) {
      const auto& x = g_[id].inputs;
      if (g_[id].op->kind == Kind::result || std::any_of(x.begin(), x.end(), [&](int k) { return of_scans.contains(k); }))
        of_scans.insert(id);
    }
    std::set<int> outputs;
    for (const int id : of_scans) {
      const auto leaves = [&](int user) { return !inside.contains(user) && !is_scan(region, user); };
      if (std::any_of(users_[at(id)].begin(), users_[at(id)].end(), leaves)) outputs.insert(id);
    }
    leave_out(region, of_scans, inside, outputs);
    made.outputs.assign(outputs.begin(), outputs.end());
    made.nodes = needed(region, inside, outputs);
    begin_late(made);
    return made;
  }

  /// What comes first and is all that takes the signal, such as a gain, stays outside, too.
  void begin_late(LinearRegion& made) const {
    std::vector<int> offset;
    for (const int scan : made.scans) {
      const std::set<int> some = offsets(*affine_loop(g_, scan));
      offset.insert(offset.end(), some.begin(), some.end());
    }
    const auto takes = [&](int id) {
      return std::find(g_[id].inputs.begin(), g_[id].inputs.end(), made.signal) != g_[id].inputs.end();
    };
    while (!made.nodes.empty() && std::find(offset.begin(), offset.end(), made.signal) == offset.end() &&
           std::count_if(made.nodes.begin(), made.nodes.end(), takes) == 1) {
      const auto only = std::find_if(made.nodes.begin(), made.nodes.end(), takes);
      const auto varies = [&](int x) { return per_frame(g_[x]) && x != made.signal; };
      if (std::any_of(g_[*only].inputs.begin(), g_[*only].inputs.end(), varies)) return;
      made.signal = *only;
      made.nodes.erase(only);
    }
  }

  static bool is_scan(const Growing& region, int id) { return std::binary_search(region.scans.begin(), region.scans.end(), id); }

  /// What comes last and makes the outputs no fewer, such as a gain, stays outside: it may move without the blocks.
  void leave_out(const Growing& region, const std::set<int>& of_scans, std::set<int>& inside, std::set<int>& outputs) const {
    for (auto id = of_scans.rbegin(); id != of_scans.rend(); ++id) {
      const auto stays = [&](int user) { return inside.contains(user) || is_scan(region, user); };
      if (g_[*id].op->kind == Kind::result || std::any_of(users_[at(*id)].begin(), users_[at(*id)].end(), stays)) continue;
      std::set<int> without = outputs;
      without.erase(*id);
      for (const int x : g_[*id].inputs) {
        if (of_scans.contains(x)) without.insert(x);
      }
      if (without.size() > outputs.size()) continue;
      outputs = std::move(without);
      inside.erase(*id);
    }
  }

  std::vector<int> needed(const Growing& region, const std::set<int>& inside, const std::set<int>& outputs) const {
    std::set<int> made;
    std::vector<int> waiting(outputs.begin(), outputs.end());
    for (const int scan : region.scans) {
      for (const int x : offsets(*affine_loop(g_, scan))) waiting.push_back(x);
    }
    while (!waiting.empty()) {
      const int id = waiting.back();
      waiting.pop_back();
      if (!inside.contains(id) || !made.insert(id).second) continue;
      if (g_[id].op->kind != Kind::result) waiting.insert(waiting.end(), g_[id].inputs.begin(), g_[id].inputs.end());
    }
    return {made.begin(), made.end()};
  }

  bool is_worth_it(const Growing& region, const LinearRegion& made) const {
    const std::size_t outputs = made.outputs.size(), n = region.states;
    if (outputs == 0 || outputs > most_outputs) return false;
    const std::size_t products = 16 * outputs + n * outputs + n + 16;
    return product_cycles * static_cast<double>(products) < gain * region.cycles;
  }

  const Graph& g_;
  std::vector<bool> linear_;
  std::map<std::tuple<const OpDef*, std::vector<bool>, std::vector<std::optional<double>>>, bool> linear_ops_;
  std::vector<int> scans_;  ///< that may be part of a region
  std::vector<std::vector<int>> users_;
  std::vector<Growing> growing_;
};

}  // namespace

std::vector<LinearRegion> linear_regions(const Graph& graph) { return Finder(graph).regions(); }

}  // namespace dgen::passes

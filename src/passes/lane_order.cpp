#include "passes/lane_order.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/index.h"
#include "dgen/math.h"

namespace dgen::passes {

namespace {

class Orderer {
 public:
  Orderer(const RecurBody& loop, const LaneClasses& found)
      : loop_(loop), body_(loop.body), found_(found), needed_(at(body_.size())) {
    made_.classes.resize(found.classes.size());
    for (std::size_t c = 0; c < found.classes.size(); ++c) made_.classes[c].layers = found.classes[c].layers;
  }

  std::optional<LaneOrder> order() {
    find_lanes();
    if (!find_units()) return {};
    find_uses();
    while (const std::optional<std::size_t> next = next_class()) arrange(*next);
    return std::move(made_);
  }

 private:
  static constexpr double neutral(const OpDef* op) { return op == &ops::mul ? 1 : 0; }
  int class_of(int id) const { return id < 0 ? -1 : found_.of[at(id)]; }

  void need(int id) {
    if (id >= 0 && !loop_.is_leaf(id)) needed_[at(id)] = true;
  }

  Lane lane_at(int id, const LaneClass& its) const {
    Lane lane{.node = id, .base = id};
    for (const OpDef* op : its.layers) {
      Lane::Step step{.number = neutral(op)};
      if (const auto layer = layer_of(loop_, lane.base, op)) {
        step = {.passes = false, .other = layer->other, .number = layer->number, .core_first = layer->core_first};
        lane.base = layer->core;
      }
      lane.layers.push_back(step);
    }
    return lane;
  }

  /// What a lane takes: operands of its base, other operands of its layers; what its state becomes comes a frame later.
  std::vector<int> sources(const Lane& lane) const {
    std::vector<int> all = body_[lane.base].inputs;
    for (const Lane::Step& step : lane.layers) all.push_back(step.other);
    return all;
  }

  void find_lanes() {
    for (const RecurrenceState& state : loop_.recurrence.states) need(state.next);
    for (const int result : loop_.recurrence.results) need(result);
    for (int id = body_.size() - 1; id >= 0; --id) {
      if (!needed_[at(id)]) continue;
      const int c = class_of(id);
      if (c < 0) {
        for (const int x : body_[id].inputs) need(x);
        continue;
      }
      made_.classes[at(c)].lanes.push_back(lane_at(id, found_.classes[at(c)]));
      for (const int x : sources(made_.classes[at(c)].lanes.back())) need(x);
    }
    for (OrderedClass& its : made_.classes) std::reverse(its.lanes.begin(), its.lanes.end());
  }

  /// Sorts classes and numbers by what they need.
  bool find_units() {
    std::vector<LaneUnit> all;
    std::vector<int> unit_of(at(body_.size()), -1);
    for (std::size_t c = 0; c < made_.classes.size(); ++c) {
      for (const Lane& lane : made_.classes[c].lanes) unit_of[at(lane.node)] = static_cast<int>(all.size());
      all.push_back({true, static_cast<int>(c)});
    }
    for (int id = 0; id < body_.size(); ++id) {
      if (!needed_[at(id)] || class_of(id) >= 0) continue;
      unit_of[at(id)] = static_cast<int>(all.size());
      all.push_back({false, id});
    }
    std::vector<std::set<int>> users(all.size());
    std::vector<int> missing(all.size(), 0);
    const auto uses = [&](int user, int x) {
      const int from = x < 0 ? -1 : unit_of[at(x)];
      if (from >= 0 && users[at(from)].insert(user).second) ++missing[at(user)];
    };
    for (std::size_t u = 0; u < all.size(); ++u) {
      if (!all[u].is_class) {
        for (const int x : body_[all[u].number].inputs) uses(static_cast<int>(u), x);
        continue;
      }
      for (const Lane& lane : made_.classes[at(all[u].number)].lanes) {
        for (const int x : sources(lane)) uses(static_cast<int>(u), x);
      }
    }
    std::vector<int> ready;
    for (std::size_t u = all.size(); u-- > 0;) {
      if (missing[u] == 0) ready.push_back(static_cast<int>(u));
    }
    while (!ready.empty()) {
      const int u = ready.back();
      ready.pop_back();
      made_.units.push_back(all[at(u)]);
      for (const int user : users[at(u)]) {
        if (--missing[at(user)] == 0) ready.push_back(user);
      }
    }
    return made_.units.size() == all.size();
  }

  /// Which lanes of other classes take a node, as which operand.
  struct Use {
    int by = -1;           ///< class
    std::size_t slot = 0;  ///< operand
    int lane = -1;         ///< its node
  };

  void find_uses() {
    uses_.resize(at(body_.size()));
    for (std::size_t c = 0; c < made_.classes.size(); ++c) {
      for (const Lane& lane : made_.classes[c].lanes) {
        const std::vector<int> all = sources(lane);
        for (std::size_t k = 0; k < all.size(); ++k) {
          if (class_of(all[k]) >= 0) uses_[at(all[k])].push_back({static_cast<int>(c), k, lane.node});
        }
      }
    }
  }

  bool is_arranged(int c) const { return c >= 0 && !made_.classes[at(c)].places.empty(); }

  bool is_used_by_arranged(int id) const {
    return std::ranges::any_of(uses_[at(id)], [this](const Use& use) { return is_arranged(use.by); });
  }

  bool takes_arranged(const Lane& lane) const {
    return std::ranges::any_of(sources(lane), [this](int x) { return is_arranged(class_of(x)); });
  }

  /// The class with most lanes related to classes whose order is known; first the smallest of all, which others have several
  /// of a lane of.
  std::optional<std::size_t> next_class() const {
    std::optional<std::size_t> best;
    std::tuple<double, double, double> most{-1, 0, 0};
    for (std::size_t c = 0; c < made_.classes.size(); ++c) {
      const OrderedClass& its = made_.classes[c];
      if (is_arranged(static_cast<int>(c)) || its.lanes.empty()) continue;
      const auto used = std::ranges::count_if(its.lanes, [&](const Lane& lane) { return is_used_by_arranged(lane.node); });
      const auto takes = std::ranges::count_if(its.lanes, [&](const Lane& lane) { return takes_arranged(lane); });
      const auto count = static_cast<double>(its.lanes.size());
      const double by_users = static_cast<double>(used) / count, by_operands = static_cast<double>(takes) / count;
      const std::tuple<double, double, double> own{std::max(by_users, by_operands), -count, by_users};
      if (!best || own > most) best = c, most = own;
    }
    return best;
  }

  void arrange(std::size_t c) {
    OrderedClass& its = made_.classes[c];
    std::map<int, Lane> lane_of;
    for (const Lane& lane : its.lanes) lane_of[lane.node] = lane;
    std::vector<int> order = by_users(its);
    std::set<int> known(order.begin(), order.end());
    std::vector<int> rest;
    for (const Lane& lane : its.lanes) {
      if (!known.contains(lane.node)) rest.push_back(lane.node);
    }
    if (!rest.empty()) {
      fill_up(order);
      for (const int id : by_operands(rest, lane_of)) order.push_back(id);
    }
    its.lanes.clear();
    for (const int id : order) {
      its.places[id].push_back(its.lanes.size());
      its.lanes.push_back(lane_of.at(id));
    }
  }

  static void fill_up(std::vector<int>& order) {
    while (order.size() % longest_vector != 0) order.push_back(order.back());
  }

  /// Nodes in the order in which lanes take them whose order is known, operand by operand.
  std::vector<int> by_users(const OrderedClass& its) const {
    std::map<std::tuple<int, std::size_t>, std::map<int, int>> groups;  // class and operand -> lane -> node
    std::set<int> placed;
    for (const Lane& lane : its.lanes) {
      for (const Use& use : uses_[at(lane.node)]) {
        if (!is_arranged(use.by)) continue;
        groups[{use.by, use.slot}].emplace(use.lane, lane.node);
      }
    }
    std::vector<int> order;
    for (const auto& [key, taken] : groups) {
      const OrderedClass& user = made_.classes[at(std::get<0>(key))];
      std::vector<int> group;
      for (std::size_t k = 0; k < user.lanes.size(); ++k) {
        const auto found = taken.find(user.lanes[k].node);
        if (found == taken.end()) continue;
        const bool again =
            k > 0 && user.lanes[k].node == user.lanes[k - 1].node && !group.empty() && group.back() == found->second;
        if (again || placed.insert(found->second).second) group.push_back(found->second);
      }
      if (group.empty()) continue;
      if (!order.empty() && group.size() >= longest_vector / 2) fill_up(order);
      order.insert(order.end(), group.begin(), group.end());
    }
    return order;
  }

  /// Nodes in the order of the operand of which they take most lanes; as often as that has them, where they take each.
  std::vector<int> by_operands(const std::vector<int>& nodes, const std::map<int, Lane>& lane_of) const {
    std::vector<std::set<int>> taken;  // by operand
    const auto operand = [&](int id, std::size_t k) {
      const std::vector<int> all = sources(lane_of.at(id));
      return k < all.size() && is_arranged(class_of(all[k])) ? all[k] : -1;
    };
    for (const int id : nodes) {
      const std::size_t count = sources(lane_of.at(id)).size();
      taken.resize(std::max(taken.size(), count));
      for (std::size_t k = 0; k < count; ++k) {
        if (const int x = operand(id, k); x >= 0) taken[k].insert(x);
      }
    }
    const auto most = std::ranges::max_element(taken, {}, [](const auto& each) { return each.size(); });
    if (most == taken.end() || most->empty()) return nodes;
    const auto k = static_cast<std::size_t>(most - taken.begin());
    std::vector<std::tuple<int, std::size_t, int>> order;
    for (const int id : nodes) {
      const int x = operand(id, k);
      if (x < 0) {
        order.emplace_back(static_cast<int>(made_.classes.size()), 0, id);
        continue;
      }
      const std::vector<std::size_t>& places = made_.classes[at(class_of(x))].places.at(x);
      const std::size_t times = most->size() == nodes.size() ? places.size() : 1;
      for (std::size_t p = 0; p < times; ++p) order.emplace_back(class_of(x), places[p], id);
    }
    std::ranges::sort(order);
    std::vector<int> ids;
    for (const auto& entry : order) ids.push_back(std::get<2>(entry));
    return ids;
  }

  const RecurBody& loop_;
  const Graph& body_;
  const LaneClasses& found_;
  std::vector<bool> needed_;            ///< by node
  std::vector<std::vector<Use>> uses_;  ///< by node
  LaneOrder made_;
};

}  // namespace

std::optional<LaneOrder> order_lanes(const RecurBody& loop, const LaneClasses& classes) { return Orderer(loop, classes).order(); }

}  // namespace dgen::passes

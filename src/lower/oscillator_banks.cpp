#include "lower/oscillator_banks.h"

#include <map>
#include <optional>
#include <set>

#include "base/index.h"
#include "dgen/math.h"
#include "schedule/phase.h"

namespace dgen::lower {

namespace {

/// Fewer are not worth a pass of their own.
constexpr std::size_t fewest_of_a_bank = 4;

class Finder {
 public:
  Finder(const schedule::Schedule& schedule, int stage)
      : schedule_(schedule), g_(*schedule.graph), stage_(schedule.stages[at(stage)]), number_(stage), users_(at(g_.size())) {
    for (const Node& node : g_.nodes()) {
      for (const int x : node.inputs) ++users_[at(x)];
    }
    for (const Output& output : g_.outputs()) ++users_[at(output.node)];
  }

  StageOscillators find() {
    StageOscillators found;
    if (stage_.order != schedule::Order::parallel) return found;
    for (const int id : stage_.nodes) join(id);
    std::erase_if(sums_, [](const auto& sum) { return sum.second.size() < fewest_of_a_bank; });
    for (const auto& [id, terms] : sums_) {
      found.banks.push_back({.node = id, .first = found.oscillators.size(), .count = terms.size()});
      found.oscillators.insert(found.oscillators.end(), terms.begin(), terms.end());
    }
    add_single(found);
    return found;
  }

 private:
  using Terms = std::vector<WeightedOscillator>;

  bool is_here(int id) const { return schedule_.home[at(id)] == number_; }

  bool is_oscillator(int id) const {
    if (!is_here(id)) return false;
    const auto found = schedule::oscillator(g_, id);
    return found && is_here(found->recur);
  }

  bool is_gain(int id) const {
    const Type& type = g_[id].type;
    return !moves(type) && type.shape.rank == 0 && type.dtype == DType::signal;
  }

  /// An oscillator, or one times a number that rests.
  std::optional<WeightedOscillator> term(int id) const {
    if (is_oscillator(id)) return WeightedOscillator{.node = id};
    const Node& node = g_[id];
    if (node.op != &ops::mul || !is_here(id)) return {};
    for (const std::size_t k : {std::size_t{0}, std::size_t{1}}) {
      if (is_oscillator(node.inputs[k]) && is_gain(node.inputs[1 - k]))
        return WeightedOscillator{.node = node.inputs[k], .gain = node.inputs[1 - k]};
    }
    return {};
  }

  /// What a sum takes in of its input x: that of which nobody else uses the value.
  std::optional<Terms> terms_of(int x) const {
    if (users_[at(x)] != 1) return {};
    if (const auto known = sums_.find(x); known != sums_.end()) return known->second;
    const auto one = term(x);
    return one ? std::optional(Terms{*one}) : std::nullopt;
  }

  void join(int id) {
    const Node& node = g_[id];
    if (node.op != &ops::add) return;
    std::optional<Terms> left = terms_of(node.inputs[0]);
    const std::optional<Terms> right = terms_of(node.inputs[1]);
    if (!left || !right) return;
    left->insert(left->end(), right->begin(), right->end());
    for (const int x : node.inputs) sums_.erase(x);
    sums_[id] = std::move(*left);
  }

  /// Oscillators whose own value something takes.
  void add_single(StageOscillators& found) const {
    const std::vector<int> leaving = leaving_nodes(g_, stage_);
    std::set<int> needed(leaving.begin(), leaving.end());
    for (auto id = stage_.nodes.rbegin(); id != stage_.nodes.rend(); ++id) {
      const Kind kind = g_[*id].op->kind;
      const bool always = kind == Kind::reduce || kind == Kind::overlap_add || kind == Kind::recur;
      if ((!needed.contains(*id) && !always) || sums_.contains(*id)) continue;
      if (is_oscillator(*id))
        found.oscillators.push_back({.node = *id});
      else
        needed.insert(g_[*id].inputs.begin(), g_[*id].inputs.end());
    }
  }

  const schedule::Schedule& schedule_;
  const Graph& g_;
  const schedule::Stage& stage_;
  const int number_;
  std::vector<int> users_;
  std::map<int, Terms> sums_;  ///< by sum of nothing but weighted oscillators
};

}  // namespace

StageOscillators find_oscillators(const schedule::Schedule& schedule, int stage) { return Finder(schedule, stage).find(); }

std::vector<int> leaving_nodes(const Graph& graph, const schedule::Stage& stage) {
  std::vector<int> nodes;
  for (const std::vector<int>* leaving : {&stage.stores, &stage.fills, &stage.windows, &stage.adds})
    nodes.insert(nodes.end(), leaving->begin(), leaving->end());
  for (const int c : stage.outputs) nodes.push_back(graph.outputs()[at(c)].node);
  return nodes;
}

}  // namespace dgen::lower

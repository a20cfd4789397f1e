#include "passes/late_choices.h"

#include <algorithm>
#include <memory>

#include "base/index.h"
#include "dgen/compare.h"
#include "passes/loop_latency.h"
#include "passes/rewrite.h"

namespace dgen::passes {

namespace {

constexpr int most_repeated = 24;  ///< nodes that follow a choice, which are computed twice

class LateChoice {
 public:
  explicit LateChoice(const Recurrence& recurrence)
      : original_(recurrence), from_(*recurrence.body), moves_(at(from_.size()), false), follows_(at(from_.size()), false) {}

  /// Null where nothing is to be gained.
  std::shared_ptr<const Recurrence> write() {
    if (!find_choices()) return {};
    auto made = std::make_shared<Recurrence>();
    made->body = std::make_unique<Graph>();
    out_ = made->body.get();
    for (int id = 0; id < from_.size(); ++id) {
      std::vector<int> inputs;
      for (const int x : from_[id].inputs) inputs.push_back(map_[at(x)]);
      map_.push_back(out_->copy(from_[id], inputs).id);
    }
    const std::vector<int> taken = following(1), otherwise = following(2);
    made->states = original_.states;
    made->results = original_.results;
    for (RecurrenceState& state : made->states) {
      const int next = state.next;
      state.node = map_[at(state.node)];
      state.next = follows_[at(next)] ? chosen(taken[at(next)], otherwise[at(next)]) : map_[at(next)];
      for (std::size_t k = 0; k < made->results.size(); ++k) {
        if (original_.results[k] == next) made->results[k] = state.next;
      }
    }
    for (std::size_t k = 0; k < made->results.size(); ++k) {
      const auto is_next = [&](const RecurrenceState& state) { return state.next == original_.results[k]; };
      if (std::none_of(original_.states.begin(), original_.states.end(), is_next))
        made->results[k] = map_[at(original_.results[k])];
    }
    return loop_latency(*made) < loop_latency(original_) ? made : nullptr;
  }

 private:
  /// Choices by the one condition that depends on the states, between what does not; and what depends on such a choice.
  bool find_choices() {
    for (int id = 0; id < from_.size(); ++id) {
      const Node& node = from_[id];
      const Kind kind = node.op->kind;
      const bool plain = kind == Kind::pointwise || kind == Kind::argument || kind == Kind::state || kind == Kind::constant;
      if (!plain || node.type.shape.rank > 0 || node.type.dtype != DType::signal) return false;
      moves_[at(id)] = kind == Kind::state;
      for (const int x : node.inputs) {
        moves_[at(id)] = moves_[at(id)] || moves_[at(x)];
        follows_[at(id)] = follows_[at(id)] || follows_[at(x)];
      }
      if (!is_early(node)) continue;
      if (condition_ >= 0 && condition_ != node.inputs[0]) return false;
      condition_ = node.inputs[0];
      follows_[at(id)] = true;
    }
    if (condition_ < 0 || follows_[at(condition_)]) return false;
    return std::count(follows_.begin(), follows_.end(), true) <= most_repeated;
  }

  bool is_early(const Node& node) const {
    return node.op->choice && moves_[at(node.inputs[0])] && !moves_[at(node.inputs[1])] && !moves_[at(node.inputs[2])];
  }

  /// By node: what it is where the choices take their input `side`.
  std::vector<int> following(std::size_t side) {
    std::vector<int> made = map_;
    for (int id = 0; id < from_.size(); ++id) {
      if (!follows_[at(id)]) continue;
      const Node& node = from_[id];
      if (is_early(node)) {
        made[at(id)] = made[at(node.inputs[side])];
        continue;
      }
      std::vector<int> inputs;
      for (const int x : node.inputs) inputs.push_back(made[at(x)]);
      made[at(id)] = out_->copy(node, inputs).id;
    }
    return made;
  }

  int chosen(int taken, int otherwise) {
    return ops::select(Signal{out_, map_[at(condition_)]}, Signal{out_, taken}, Signal{out_, otherwise}).id;
  }

  const Recurrence& original_;
  const Graph& from_;
  std::vector<bool> moves_;    ///< depends on a state
  std::vector<bool> follows_;  ///< depends on a choice
  std::vector<int> map_;
  Graph* out_ = nullptr;
  int condition_ = -1;
};

}  // namespace

Rewritten late_choices(const Graph& graph) {
  return rewrite(graph, {}, [](Graph& out, const Node& node, std::span<const int> inputs) -> Signal {
    if (node.op->kind != Kind::recur) return {};
    std::shared_ptr<const Recurrence> late = LateChoice(*node.attributes.recurrence).write();
    if (!late) return {};
    Node loop = node;
    loop.attributes.recurrence = std::move(late);
    return out.copy(loop, inputs);
  });
}

}  // namespace dgen::passes

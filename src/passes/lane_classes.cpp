#include "passes/lane_classes.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>

#include "base/index.h"
#include "dgen/math.h"

namespace dgen::passes {

RecurBody::RecurBody(const Graph& its_outer, int its_recur)
    : outer(its_outer), recur(its_recur), recurrence(*its_outer[its_recur].attributes.recurrence), body(*recurrence.body),
      depends_(at(body.size())) {
  for (int id = 0; id < body.size(); ++id) {
    depends_[at(id)] = is_state(id) || std::ranges::any_of(body[id].inputs, [this](int x) { return depends_[at(x)]; });
  }
}

bool RecurBody::is_plain() const {
  const auto plain = [](const Node& node) {
    const Kind kind = node.op->kind;
    const bool known = kind == Kind::pointwise || kind == Kind::constant || kind == Kind::argument || kind == Kind::state;
    return known && node.type.shape.rank == 0 && node.type.dtype == DType::signal;
  };
  const auto cell = [this](const RecurrenceState& state) {
    return state.form == RecurrenceState::Form::cell && !moves(outer[outer[recur].inputs[at(state.initial)]].type);
  };
  return std::ranges::all_of(body.nodes(), plain) && std::ranges::all_of(recurrence.states, cell);
}

bool RecurBody::leaf_moves(int leaf) const { return body[leaf].op->kind == Kind::argument && moves(outer[given(leaf)].type); }

std::optional<Layer> RecurBody::layer(int id) const {
  const Node& node = body[id];
  if (node.op == &ops::neg) return Layer{.op = &ops::mul, .core = node.inputs[0], .number = -1, .core_first = false};
  if (node.op != &ops::add && node.op != &ops::sub && node.op != &ops::mul) return {};
  const int a = node.inputs[0], b = node.inputs[1];
  if (depends_[at(a)]) return Layer{.op = node.op, .core = a, .other = b};
  if (depends_[at(b)] && node.op != &ops::sub) return Layer{.op = node.op, .core = b, .other = a, .core_first = false};
  return {};
}

std::optional<Layer> layer_of(const RecurBody& loop, int id, const OpDef* op) {
  const std::optional<Layer> layer = loop.layer(id);
  return layer && layer->op == op ? layer : std::nullopt;
}

namespace {

class Closure {
 public:
  Closure(const RecurBody& loop, bool states_apart)
      : loop_(loop), body_(loop.body), states_apart_(states_apart), parent_(at(body_.size())) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }

  std::optional<LaneClasses> close(int depth) {
    std::map<std::string, int> seeds;
    for (const RecurrenceState& state : loop_.recurrence.states) {
      const auto [seed, fresh] = seeds.try_emplace(signature(state.next, depth), state.next);
      if (!fresh) join(seed->second, state.next);
    }
    do {
      changed_ = false;
      for (const auto& [root, members] : classes()) {
        if (members.size() > 1 && !spread(members)) return {};
      }
    } while (changed_);
    return named();
  }

 private:
  int root(int id) {
    while (parent_[at(id)] != id) id = parent_[at(id)] = parent_[at(parent_[at(id)])];
    return id;
  }

  void join(int a, int b) {
    if (a < 0 || b < 0 || loop_.is_leaf(a) || loop_.is_leaf(b)) return;
    if (states_apart_ && loop_.is_state(a) != loop_.is_state(b)) return;
    const int x = root(a), y = root(b);
    if (x == y) return;
    parent_[at(std::max(x, y))] = std::min(x, y);
    changed_ = true;
  }

  std::string signature(int id, int depth) const {
    if (loop_.is_leaf(id)) return "leaf";
    if (loop_.is_state(id) || depth == 0) return loop_.is_state(id) ? "state" : "";
    std::string text = std::string(body_[id].op->name) + "(";
    for (const int x : body_[id].inputs) text += signature(x, depth - 1) + ",";
    return text + ")";
  }

  std::map<int, std::vector<int>> classes() {
    std::map<int, std::vector<int>> all;
    for (int id = 0; id < body_.size(); ++id) {
      if (!loop_.is_leaf(id)) all[root(id)].push_back(id);
    }
    return all;
  }

  /// The op below which a node of a class of several ops is looked at.
  const OpDef* key(int id) const {
    const auto layer = loop_.layer(id);
    return layer ? layer->op : body_[id].op;
  }

  /// The layers of a class, outermost first; none where they do not nest.
  std::optional<LaneClass> layers_of(const std::vector<int>& members) const {
    OpSet layered, base;
    std::map<const OpDef*, OpSet, ByName> inside;  // layer -> ops of the cores of its nodes
    for (const int id : members) {
      const auto layer = loop_.layer(id);
      (layer ? layered : base).insert(key(id));
      if (layer) inside[layer->op].insert(loop_.is_leaf(layer->core) ? nullptr : key(layer->core));
    }
    if (base.empty()) {  // the one whose cores are none of these
      const auto innermost = [&](const OpDef* op) {
        return std::ranges::none_of(inside[op], [&](const OpDef* x) { return layered.contains(x); });
      };
      const auto found = std::ranges::find_if(layered, innermost);
      if (found == layered.end()) return {};
      base.insert(*found), layered.erase(found);
    }
    LaneClass made;
    while (!layered.empty()) {
      const auto outermost = [&](const OpDef* op) {
        return !inside[op].contains(op) &&
               std::ranges::none_of(layered, [&](const OpDef* x) { return x != op && inside[x].contains(op); });
      };
      const auto found = std::ranges::find_if(layered, outermost);
      if (found == layered.end()) return {};
      made.layers.push_back(*found), layered.erase(found);
    }
    return made;
  }

  bool is_uniform(const std::vector<int>& members) const {
    return std::ranges::all_of(members, [&](int id) { return body_[id].op == body_[members[0]].op; });
  }

  /// Brings together what has to be with the members of a class. Whether that can be.
  bool spread(const std::vector<int>& members) {
    if (is_uniform(members)) {
      spread_base(members);
      return true;
    }
    const std::optional<LaneClass> made = layers_of(members);
    if (!made) return false;
    std::map<const OpDef*, std::vector<int>, ByName> base;
    std::map<const OpDef*, int, ByName> others;
    for (const int id : members) {
      const auto layer = loop_.layer(id);
      if (!layer || std::ranges::find(made->layers, layer->op) == made->layers.end()) {
        base[body_[id].op].push_back(id);
        continue;
      }
      if (loop_.is_leaf(layer->core)) return false;
      join(layer->core, members[0]);
      const auto [other, fresh] = others.try_emplace(layer->op, layer->other);
      if (!fresh) join(other->second, layer->other);
    }
    for (const auto& [op, alike] : base) spread_base(alike);
    return true;
  }

  void spread_base(const std::vector<int>& alike) {
    const int first = alike[0];
    for (const int id : alike) {
      if (loop_.is_state(id)) join(loop_.next_of(first), loop_.next_of(id));
      for (std::size_t k = 0; k < body_[id].inputs.size(); ++k) join(first_inner(alike, k), body_[id].inputs[k]);
    }
  }

  /// Operand k of the first node that has none that is a leaf.
  int first_inner(const std::vector<int>& alike, std::size_t k) const {
    for (const int id : alike) {
      if (!loop_.is_leaf(body_[id].inputs[k])) return body_[id].inputs[k];
    }
    return -1;
  }

  std::optional<LaneClasses> named() {
    constexpr std::size_t fewest = 4;
    LaneClasses made{.of = std::vector<int>(at(body_.size()), -1)};
    for (const auto& [root_of_class, members] : classes()) {
      if (members.size() < fewest) continue;
      LaneClass its;
      if (!is_uniform(members)) {
        const auto layers = layers_of(members);
        if (!layers) return {};
        its = *layers;
      }
      for (const int id : members) made.of[at(id)] = static_cast<int>(made.classes.size());
      made.classes.push_back(std::move(its));
    }
    if (made.classes.empty()) return {};
    return made;
  }

  const RecurBody& loop_;
  const Graph& body_;
  const bool states_apart_;
  std::vector<int> parent_;
  bool changed_ = false;
};

}  // namespace

std::optional<LaneClasses> find_lane_classes(const RecurBody& loop, int depth, bool states_apart) {
  return Closure(loop, states_apart).close(depth);
}

}  // namespace dgen::passes

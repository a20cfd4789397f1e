#include "schedule/loop_parts.h"

#include <algorithm>

#include "base/index.h"
#include "graph/elements.h"
#include "graph/tensor_elements.h"

namespace dgen::schedule {

namespace {

using Places = std::vector<std::int64_t>;

/// Whether the parts of a body's nodes, of `parts` parts, stay apart.
class PartCheck {
 public:
  PartCheck(const Recurrence& recurrence, const std::vector<bool>& follows, std::int64_t parts)
      : body_(*recurrence.body), recurrence_(recurrence), follows_(follows), parts_(parts) {}

  bool holds() const {
    for (const RecurrenceState& state : recurrence_.states) {
      const bool cell = state.form == RecurrenceState::Form::cell;
      if (!cell || !divides(state.node) || elements(state.next) != elements(state.node)) return false;
    }
    for (int id = 0; id < body_.size(); ++id) {
      if (follows_[at(id)] && body_[id].op->kind != Kind::state && !is_apart(id)) return false;
    }
    return true;
  }

 private:
  std::int64_t elements(int id) const { return body_[id].type.shape.elements(); }
  bool divides(int id) const { return elements(id) % parts_ == 0; }
  std::int64_t part_of(int id, std::int64_t e) const { return e / (elements(id) / parts_); }
  /// Whether input k is the same for all parts, or divided into them.
  bool is_shared(int id, std::size_t k) const { return !follows_[at(body_[id].inputs[k])]; }

  /// made, given: elements of `id` and of `x`, pair after pair, of which the first is made of the second.
  bool meet_in_parts(int id, int x, const Places& made, const Places& given) const {
    if (!divides(x)) return false;
    for (std::size_t n = 0; n < made.size(); ++n) {
      if (part_of(id, made[n]) != part_of(x, given[n])) return false;
    }
    return true;
  }

  static Places counted(std::int64_t count) {
    Places all(static_cast<std::size_t>(count));
    for (std::size_t k = 0; k < all.size(); ++k) all[k] = static_cast<std::int64_t>(k);
    return all;
  }

  bool broadcasts_in_parts(int id, int x) const {
    return meet_in_parts(id, x, counted(elements(id)), broadcast_index(body_[x].type.shape, body_[id].type.shape));
  }

  bool contracts_in_parts(int id, int x) const {
    return meet_in_parts(id, x, broadcast_index(body_[id].type.shape, body_[x].type.shape), counted(elements(x)));
  }

  bool views_in_parts(int id) const {
    const std::vector<std::int32_t>& map = *body_[id].attributes.map;
    const bool sum = body_[id].op->kind == Kind::view_sum;
    std::int64_t begin = 0;
    for (std::size_t k = 0; k < body_[id].inputs.size(); begin += elements(body_[id].inputs[k++])) {
      if (is_shared(id, k)) continue;
      const int x = body_[id].inputs[k];
      Places made, given;
      for (std::size_t e = 0; e < map.size(); ++e) {
        const auto place = static_cast<std::int64_t>(map[e]), here = static_cast<std::int64_t>(e);
        if (place < 0 || (!sum && (place < begin || place >= begin + elements(x)))) continue;
        made.push_back(sum ? place : here), given.push_back(sum ? here : place - begin);
      }
      if (!meet_in_parts(id, x, made, given)) return false;
    }
    return true;
  }

  /// Leading axes stay where they are, and all behind them may meet.
  bool leads_stay(int x, std::int64_t leads) const { return leads % parts_ == 0 && divides(x); }

  bool multiplies_in_parts(int id) const {
    const Shape& shape = body_[id].type.shape;
    const std::int64_t matrices = elements(id) / (shape.extent[at(shape.rank - 1)] * shape.extent[at(shape.rank - 2)]);
    for (std::size_t k = 0; k < 2; ++k) {
      if (is_shared(id, k)) continue;
      const Shape& given = body_[body_[id].inputs[k]].type.shape;
      const Places index = matrix_index(given, shape);
      const bool same = std::ranges::equal(index, counted(matrices));
      if (!same || !leads_stay(body_[id].inputs[k], matrices)) return false;
    }
    return true;
  }

  /// Ops along an axis: lines behind the leading axes.
  bool runs_in_parts(int id) const {
    const Node& node = body_[id];
    const int x = node.inputs[0];
    const Along along(body_[x].type.shape, node.attributes.axis);
    const bool leads = along.outer % parts_ == 0 && elements(id) % along.outer == 0;
    const Along made(with_extent(body_[x].type.shape, node.attributes.axis, 1), node.attributes.axis);
    const bool keeps = node.op->kind != Kind::take ||
                       elements(id) / Along(node.type.shape, node.attributes.axis).extent == made.outer * made.inner;
    if (!is_shared(id, 0) && !(leads && keeps)) return false;
    if (node.inputs.size() < 2 || is_shared(id, 1)) return true;
    const int other = node.inputs[1];
    return node.op->kind == Kind::scatter_add ? leads && elements(other) == elements(x) && divides(other)
                                              : broadcasts_in_parts(id, other);
  }

  bool is_apart(int id) const {
    const Node& node = body_[id];
    if (!divides(id)) return false;
    switch (node.op->kind) {
      case Kind::pointwise:
      case Kind::expand:
      case Kind::reshape:
        for (std::size_t k = 0; k < node.inputs.size(); ++k) {
          const bool moved = node.op->kind == Kind::reshape;
          if (!is_shared(id, k) && !(moved ? divides(node.inputs[k]) : broadcasts_in_parts(id, node.inputs[k]))) return false;
        }
        return true;
      case Kind::contract: return contracts_in_parts(id, node.inputs[0]);
      case Kind::view:
      case Kind::view_sum: return views_in_parts(id);
      case Kind::linear: {
        const Shape& given = body_[node.inputs[0]].type.shape;
        const std::int64_t leads = given.elements() / given.extent[at(given.rank - 1)];
        return is_shared(id, 1) && leads_stay(node.inputs[0], leads);
      }
      case Kind::matmul: return multiplies_in_parts(id);
      case Kind::cumulate:
      case Kind::extremum:
      case Kind::take:
      case Kind::scatter_add: return runs_in_parts(id);
      default: return false;
    }
  }

  const Graph& body_;
  const Recurrence& recurrence_;
  const std::vector<bool>& follows_;
  const std::int64_t parts_;
};

}  // namespace

std::vector<bool> follows_from_states(const Recurrence& recurrence) {
  const Graph& body = *recurrence.body;
  std::vector<bool> follows(at(body.size()));
  for (int id = 0; id < body.size(); ++id) {
    const auto& inputs = body[id].inputs;
    follows[at(id)] = body[id].op->kind == Kind::state || std::ranges::any_of(inputs, [&](int x) { return follows[at(x)]; });
  }
  return follows;
}

std::int64_t independent_parts(const Graph& graph, int recur) {
  const Recurrence& recurrence = *graph[recur].attributes.recurrence;
  const std::vector<bool> follows = follows_from_states(recurrence);
  const Shape& shape = (*recurrence.body)[recurrence.states.front().next].type.shape;
  std::int64_t parts = shape.elements();
  for (int axis = shape.rank; parts > 1; parts /= shape.extent[at(--axis)]) {
    if (PartCheck(recurrence, follows, parts).holds()) return parts;
  }
  return 1;
}

}  // namespace dgen::schedule

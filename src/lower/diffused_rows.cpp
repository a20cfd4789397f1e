#include "lower/diffused_rows.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/index.h"
#include "dgen/math.h"
#include "lower/access.h"
#include "lower/row_plan.h"
#include "schedule/phase.h"
#include "schedule/row_nodes.h"

namespace dgen::lower {

using ir::Value;

namespace {

/// Rows of more elements would need more memory than a second-level cache has for them.
constexpr std::int64_t most_elements = 4096;

class StepFinder {
 public:
  StepFinder(const Graph& graph, int recur)
      : g_(graph), recur_(recur), body_(*graph[recur].attributes.recurrence->body),
        count_(schedule::loop_elements(graph, recur)) {}

  std::optional<DiffusedStep> step(int id) const {
    const Node& sum = body_[id];
    if (sum.op != &ops::add) return {};
    for (const std::size_t k : {0, 1}) {
      const int state = sum.inputs[k];
      if (body_[state].op->kind != Kind::state) continue;
      if (const auto found = scaled(state, sum.inputs[1 - k])) return found;
    }
    return {};
  }

 private:
  /// coefficient * state + rest.
  std::optional<DiffusedStep> scaled(int state, int id) const {
    const Node& sum = body_[id];
    if (sum.op != &ops::add) return {};
    for (const std::size_t k : {0, 1}) {
      const Node& product = body_[sum.inputs[k]];
      if (product.op != &ops::mul || std::ranges::count(product.inputs, state) != 1) continue;
      const int factor = product.inputs[product.inputs[0] == state ? 1 : 0];
      if (const auto row = resting_row(factor)) return DiffusedStep{state, sum.inputs[1 - k], *row};
    }
    return {};
  }

  std::optional<int> resting_row(int id) const {
    const Node& node = body_[id];
    if (node.op->kind != Kind::argument) return {};
    const int given = g_[recur_].inputs[static_cast<std::size_t>(node.attributes.size)];
    const Type& type = g_[given].type;
    if (moves(type) || type.shape.rank == 0 || type.shape.elements() != count_) return {};
    return given;
  }

  const Graph& g_;
  const int recur_;
  const Graph& body_;
  const std::int64_t count_;
};

}  // namespace

std::map<int, DiffusedStep> diffused_steps(const Graph& graph, int recur) {
  const bool each_frame = schedule::is_shaped_loop(graph, recur) && schedule::row_hop(graph, recur) == 1;
  if (!each_frame || !is_separate_loop(graph, recur) || schedule::row_phase(graph, recur)) return {};
  if (schedule::loop_elements(graph, recur) > most_elements) return {};
  const StepFinder finder(graph, recur);
  std::map<int, DiffusedStep> found;
  for (int id = 0; id < graph[recur].attributes.recurrence->body->size(); ++id) {
    if (const auto step = finder.step(id)) found[id] = *step;
  }
  return found;
}

Value diffused_place(ir::Builder& b, Value e, Value frame) {
  return e * whole(b, diffused_frames) + (frame & whole(b, diffused_frames - 1)) * b.lanes();
}

}  // namespace dgen::lower

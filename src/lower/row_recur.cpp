// The step of a loop over values with shapes whose elements meet: every tick goes through the steps of its body, with states
// in rows.

#include <vector>

#include "base/index.h"
#include "lower/lane_loop.h"
#include "lower/row_loop.h"
#include "lower/row_steps.h"

namespace dgen::lower {

using ir::Value;

namespace {

class CoupledLoop {
 public:
  CoupledLoop(RowContext& rows, int recur)
      : rows_(rows), b_(rows.builder), recur_(recur), recurrence_(*rows.g[recur].attributes.recurrence),
        body_(*recurrence_.body) {
    for (const int id : rows.stage.nodes) {
      const Node& node = rows.g[id];
      if (node.op->kind == Kind::result && node.inputs[0] == recur) results_.push_back(id);
    }
  }

  void write() {
    start_loop(rows_, recur_);
    const schedule::Stage stage{.order = schedule::Order::ticks, .nodes = computed(), .hop = 1};
    std::vector<int> kept(recurrence_.results);
    for (const RecurrenceState& state : recurrence_.states) kept.push_back(state.next);
    RowContext body(rows_, recur_, stage, kept, b_.module());
    const std::vector<int> before = past_copies();
    rows_.each_tick([&] {
      body.ticks.follow(rows_.ticks);
      for (const RowStep& step : body.plan.steps) write_step(body, step);
      for (const int result : results_) copy(body, result_of(result), rows_.row(result));
      for (std::size_t k = 0; k < recurrence_.states.size(); ++k) {
        if (before[k] >= 0) copy(body, recurrence_.states[k].next, {before[k], rows_.whole(0), false});
      }
      for (std::size_t k = 0; k < recurrence_.states.size(); ++k) take_next(body, k, before[k]);
    });
  }

 private:
  int state_buffer(std::size_t k) const { return rows_.buffers.state.at({recur_, static_cast<int>(k)}); }
  int result_of(int id) const { return recurrence_.results[static_cast<std::size_t>(rows_.g[id].attributes.size)]; }
  std::int64_t body_elements(int id) const { return elements_of(body_, id); }

  std::vector<int> computed() const {
    std::vector<int> nodes;
    for (int id = 0; id < body_.size(); ++id) {
      const Kind kind = body_[id].op->kind;
      const bool given = kind == Kind::argument || kind == Kind::constant || kind == Kind::state || kind == Kind::tensor;
      if (!given) nodes.push_back(id);
    }
    return nodes;
  }

  /// A state that takes what another one was needs that before it changes.
  std::vector<int> past_copies() {
    std::vector<int> buffers;
    for (const RecurrenceState& state : recurrence_.states) {
      buffers.push_back(-1);
      if (body_[state.next].op->kind != Kind::state) continue;
      ir::Module& module = b_.module();
      const std::string name = "before" + std::to_string(recur_) + "_" + std::to_string(buffers.size());
      module.buffers.push_back({.name = name, .space = ir::Space::scratch, .size = body_elements(state.next)});
      buffers.back() = static_cast<int>(module.buffers.size()) - 1;
    }
    return buffers;
  }

  void take_next(RowContext& body, std::size_t k, int before) {
    const RecurrenceState& state = recurrence_.states[k];
    const int next = state.next;
    Row to{state_buffer(k), rows_.whole(0), false};
    if (state.form == RecurrenceState::Form::ring)
      to.base = body.ticks.frame & rows_.whole(power_of_two_above(state.size + 1) - 1);
    if (before < 0) return copy(body, next, to);
    move({before, rows_.whole(0), false}, to, body_elements(next));
  }

  void copy(RowContext& body, int id, const Row& to) {
    const std::int64_t count = body_elements(id);
    body.value.clear();
    if (count == 1) {
      b_.store(to.buffer, to.base, body.of(id, rows_.whole(0), 1));
    } else {
      b_.loop(rows_.whole(0), rows_.whole(count), true, [&](Value e) {
        body.value.clear();
        b_.store(to.buffer, to.base + e, b_.broadcast(body.of(id, e, count)));
      });
    }
    body.value.clear();
  }

  void move(const Row& from, const Row& to, std::int64_t count) {
    if (count == 1) return b_.store(to.buffer, to.base, rows_.load(from, rows_.whole(0), false));
    b_.loop(rows_.whole(0), rows_.whole(count), true,
            [&](Value e) { b_.store(to.buffer, to.base + e, rows_.load(from, e, true)); });
  }

  RowContext& rows_;
  ir::Builder& b_;
  const int recur_;
  const Recurrence& recurrence_;
  const Graph& body_;
  std::vector<int> results_;  ///< nodes outside
};

}  // namespace

void write_recur_step(RowContext& rows, int recur) {
  if (runs_in_lanes(rows.g, recur, rows.builder.module().lanes)) return write_lane_loop(rows, recur);
  CoupledLoop(rows, recur).write();
}

}  // namespace dgen::lower

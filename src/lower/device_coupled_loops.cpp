#include "lower/device_coupled_loops.h"

#include <algorithm>
#include <map>

#include "base/index.h"
#include "lower/access.h"
#include "lower/body_groups.h"
#include "lower/pointwise.h"
#include "schedule/loop_parts.h"

namespace dgen::lower {

using ir::Value;
using Form = RecurrenceState::Form;

/// One recurrence. Numbers stay in locals; nodes with elements have a row in scratch memory where others read them at other
/// places, or later; states with elements are where they are kept.
class DeviceCoupledKernel::Loop {
 public:
  Loop(DeviceCoupledKernel& kernel, int recur)
      : k_(kernel), b_(kernel.builder_), recur_(recur), recurrence_(*kernel.g_[recur].attributes.recurrence),
        body_(*recurrence_.body), parts_(kernel.stage_.elements), plan_(group_body(recurrence_)),
        numbers_(recurrence_.states.size()) {
    for (const int id : k_.stage_.nodes) {
      if (k_.g_[id].op->kind == Kind::result && k_.g_[id].inputs[0] == recur) results_.push_back(id);
    }
    for (const int id : plan_.stored) new_row(id);
    for (const RecurrenceState& state : recurrence_.states) {
      const bool moved = body_[state.next].op->kind == Kind::state && elements(state.next) > 1;
      before_.push_back(moved ? new_scratch("before", elements(state.next)) : -1);
    }
  }

  void write() {
    k_.prepare(recur_);
    k_.go_to(whole(0));
    start();
    b_.loop(whole(0), k_.frames_, false, [&](Value i) {
      k_.go_to(i);
      number_.clear();
      for (const BodyGroup& group : plan_.groups) compute(group);
      for (const int id : results_) leave(id);
      advance();
    });
    for (std::size_t k = 0; k < numbers_.size(); ++k) {
      if (numbers_[k].builder) b_.store(state_buffer(k), whole(0), numbers_[k].get());
    }
  }

 private:
  Value whole(std::int64_t value) { return lower::whole(b_, value); }
  std::int64_t elements(int id) const { return body_[id].type.shape.elements(); }
  int state_buffer(std::size_t k) const { return k_.buffers_.state.at({recur_, static_cast<int>(k)}); }
  int given(const Node& argument) const { return k_.g_[recur_].inputs[static_cast<std::size_t>(argument.attributes.size)]; }
  int result_of(int id) const { return recurrence_.results[static_cast<std::size_t>(k_.g_[id].attributes.size)]; }
  /// Whether a part computes some of the elements, and others the rest.
  bool is_divided(int id) const { return parts_ > 1 && plan_.follows[at(id)]; }

  int new_scratch(const std::string& name, std::int64_t size) {
    std::vector<ir::Buffer>& all = b_.module().buffers;
    all.push_back(
        {.name = name + std::to_string(recur_) + "_" + std::to_string(all.size()), .space = ir::Space::scratch, .size = size});
    return static_cast<int>(all.size()) - 1;
  }

  /// What all parts compute each has for itself.
  void new_row(int id) { row_[id] = new_scratch("loop", elements(id) * (is_divided(id) ? 1 : parts_)); }

  Value row_place(int id, Value e) { return is_divided(id) || parts_ == 1 ? e : k_.item_ * whole(elements(id)) + e; }

  /// Calls `body` for every element that this part has of a node, or of as many lines.
  void each_element(int id, std::int64_t count, const std::function<void(Value e)>& body) {
    if (count == 1) return body(whole(0));
    const std::int64_t own = is_divided(id) ? count / parts_ : count;
    const auto visit = [&](Value e) {
      e_ = e;
      here_.clear();
      body(e);
      here_.clear();
    };
    if (own == 1) return visit(k_.item_);
    const Value first = own == count ? whole(0) : k_.item_ * whole(own);
    b_.loop(whole(0), whole(own), false, [&](Value k) { visit(own == count ? k : first + k); });
  }

  /// At frame 0 states take their initial values; adjoints start at zero.
  void start() {
    for (std::size_t k = 0; k < recurrence_.states.size(); ++k) {
      const RecurrenceState& state = recurrence_.states[k];
      if (state.form != Form::cell) continue;
      const int initial = k_.g_[recur_].inputs[at(state.initial)];
      const auto at_start = [&](Value e) {
        const Value kept = b_.load(state_buffer(k), e, false);
        if (k_.backward_) return kept;
        return ir::select(k_.position_ == like(k_.position_, 0), outside(initial, e), kept);
      };
      if (elements(state.node) == 1)
        numbers_[k] = b_.local("s" + std::to_string(k), at_start(whole(0)));
      else if (!k_.backward_)
        each_element(state.node, elements(state.node), [&](Value e) { b_.store(state_buffer(k), e, at_start(e)); });
    }
  }

  /// An element of an input of the loop.
  Value outside(int id, Value e) { return k_.element(id, k_.g_[id].type.shape.elements() == 1 ? whole(0) : e); }

  void compute(const BodyGroup& group) {
    if (group.lines) return compute_lines(group.nodes[0]);
    each_element(group.nodes[0], elements(group.nodes[0]), [&](Value e) {
      for (const int id : group.nodes) {
        const Value made = element_of(id, e);
        (elements(id) == 1 ? number_ : here_)[id] = made;
        if (const auto row = row_.find(id); row != row_.end()) b_.store(row->second, row_place(id, e), made);
      }
    });
  }

  void compute_lines(int id) {
    each_element(id, elements(id) / body_[id].type.shape.extent[at(body_[id].attributes.axis)], [&](Value line) {
      ops().cumulate(id, line, [&](Value e, Value x) { b_.store(row_.at(id), row_place(id, e), x); });
    });
  }

  ElementOps ops() {
    return {body_, b_, k_.buffers_, [this](int id, Value e) { return load(id, e); }};
  }

  Value element_of(int id, Value e) {
    const Node& node = body_[id];
    if (node.op->kind == Kind::line_read) return read_line(node);
    if (node.op->kind == Kind::pointwise && elements(id) == 1)
      return lower_frame_node(body_, id, b_, [&](int x) { return load(x, whole(0)); });
    return ops().compute(id, e);
  }

  /// What the line of numbers remembers of some frames ago.
  Value read_line(const Node& node) {
    const auto number = static_cast<std::size_t>(body_[node.inputs[0]].attributes.size);
    const std::int64_t size = recurrence_.states[number].size;
    const Value back = whole_frames(load(node.inputs[1], whole(0)), 1, std::max<std::int64_t>(1, size));
    return b_.load(state_buffer(number), (k_.frame() - back) & whole(power_of_two_above(size + 1) - 1), false);
  }

  Value load(int id, Value e) {
    const Node& node = body_[id];
    const auto number = static_cast<std::size_t>(node.attributes.size);
    const Value place = elements(id) == 1 ? whole(0) : e;
    if (const auto known = number_.find(id); known != number_.end()) return known->second;
    if (const auto known = here_.find(id); known != here_.end() && e.id == e_.id) return known->second;
    switch (node.op->kind) {
      case Kind::constant: return k_.number(node.attributes.value);
      case Kind::tensor: return b_.load(k_.buffers_.constant_row(*node.attributes.table), place, false);
      case Kind::argument: return outside(given(node), place);
      case Kind::state: return numbers_[number].builder ? numbers_[number].get() : b_.load(state_buffer(number), place, false);
      default: return b_.load(row_.at(id), row_place(id, place), false);
    }
  }

  /// Stores what leaves the loop.
  void leave(int id) {
    const int result = result_of(id);
    each_element(result, elements(result), [&](Value e) { k_.store_element(id, e, load(result, e)); });
  }

  /// States take their next values, all of them at once.
  void advance() {
    std::map<std::size_t, Value> next;
    for (std::size_t k = 0; k < numbers_.size(); ++k) {
      const int from = recurrence_.states[k].next;
      if (elements(from) == 1) next[k] = load(from, whole(0));
      if (before_[k] >= 0) each_element(from, elements(from), [&](Value e) { b_.store(before_[k], e, load(from, e)); });
    }
    for (std::size_t k = 0; k < numbers_.size(); ++k) keep(k, next);
  }

  void keep(std::size_t k, const std::map<std::size_t, Value>& next) {
    const RecurrenceState& state = recurrence_.states[k];
    if (state.form == Form::ring)
      return b_.store(state_buffer(k), k_.frame() & whole(power_of_two_above(state.size + 1) - 1), next.at(k));
    if (numbers_[k].builder) return numbers_[k].set(next.at(k));
    each_element(state.node, elements(state.node), [&](Value e) {
      const auto one = next.find(k);
      const Value number = one != next.end() ? one->second
                           : before_[k] >= 0 ? b_.load(before_[k], e, false)
                                             : load(state.next, e);
      b_.store(state_buffer(k), e, number);
    });
  }

  DeviceCoupledKernel& k_;
  ir::Builder& b_;
  const int recur_;
  const Recurrence& recurrence_;
  const Graph& body_;
  const std::int64_t parts_;
  const BodyGroups plan_;
  std::vector<ir::Local> numbers_;      ///< by state, of those that are one number
  std::vector<int> results_;            ///< nodes outside
  std::vector<int> before_;             ///< by state that takes what another was: scratch
  std::map<int, int> row_;              ///< body node -> scratch
  std::map<int, Value> number_, here_;  ///< of this frame, numbers; of the element at hand
  Value e_{};
};

void DeviceCoupledKernel::write() {
  each_loop([this](int recur) { Loop(*this, recur).write(); });
}

}  // namespace dgen::lower

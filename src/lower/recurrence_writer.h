#pragma once
// Writes one recurrence into a sequential kernel: its states before, in and after the loop over frames.

#include <optional>
#include <utility>
#include <vector>

#include "ir/builder.h"
#include "lower/buffers.h"
#include "lower/loop_choice.h"

namespace dgen::lower {

class RecurrenceWriter {
 public:
  RecurrenceWriter(const Graph& graph, int recur, const Buffers& buffers, ir::Builder& builder);

  /// Before the loop: cells become locals; at frame 0 they take their initial values, where these do not change per frame.
  /// initial(k): input k of the recur, as scalar f32.
  template <class Initial>
  void begin(ir::Value position, Initial initial) {
    for (std::size_t k = 0; k < recurrence_.states.size(); ++k) begin_cell(k);
    start_cells(false, position, initial);
  }

  /// One frame. argument(k): input k of the recur, a signal, as scalar f32; frame: low 32 bits of the frame's number,
  /// position: all of it. At frame 0 cells take the initial values that change per frame. Returns the results' values.
  template <class Argument>
  std::vector<ir::Value> frame(ir::Value frame, ir::Value position, Argument argument) {
    start_cells(true, position, argument);
    std::vector<ir::Value> value(static_cast<std::size_t>(body_.size()));
    for (int id = 0; id < body_.size(); ++id) {
      const Node& node = body_[id];
      if (choice_ && choice_->side[static_cast<std::size_t>(id)] != LoopChoice::Side::before) continue;
      value[static_cast<std::size_t>(id)] = node.op->kind == Kind::argument && node.type.dtype == DType::signal
                                                ? argument(static_cast<int>(node.attributes.size))
                                                : compute(id, frame, value);
    }
    if (choice_) choose(frame, value);
    return finish_frame(frame, value);
  }

  /// After the loop: locals go back to memory.
  void end();

 private:
  /// Whether a cell starts at other than 0, by a value that changes per frame or by one that does not.
  bool starts_at_value(std::size_t k, bool per_frame) const;
  void begin_cell(std::size_t k);
  template <class Initial>
  void start_cells(bool per_frame, ir::Value position, Initial initial) {
    std::vector<std::pair<std::size_t, ir::Value>> starts;  // evaluated outside the branch, where later nodes may use them
    for (std::size_t k = 0; k < recurrence_.states.size(); ++k) {
      if (starts_at_value(k, per_frame)) starts.emplace_back(k, initial(recurrence_.states[k].initial));
    }
    if (starts.empty()) return;
    builder_.branch(position == like(position, 0), [&] {
      for (const auto& [k, value] : starts) locals_[k].set(value);
    });
  }
  void keep(std::size_t k, ir::Value next);
  /// Computes one side of the choice of all next states, in a branch of its own.
  void choose(ir::Value frame, std::vector<ir::Value>& value);
  ir::Value compute(int id, ir::Value frame, const std::vector<ir::Value>& value);
  ir::Value gathered(int id, const std::vector<ir::Value>& value);
  void scatter(int id, const std::vector<ir::Value>& value);
  std::vector<ir::Value> finish_frame(ir::Value frame, const std::vector<ir::Value>& value);
  struct TablePlace {
    int buffer = -1;
    std::int64_t size = 0;
  };
  /// Where the table is that a body node of table type is a version of: a state, or a table outside that is only read.
  TablePlace table_place(int id) const;
  int state_buffer(std::size_t k) const { return buffers_.state.at({recur_, static_cast<int>(k)}); }

  const Graph& graph_;
  const int recur_;
  const Recurrence& recurrence_;
  const Graph& body_;
  const Buffers& buffers_;
  ir::Builder& builder_;
  std::vector<ir::Local> locals_;  ///< by state; used for cells
  const std::optional<LoopChoice> choice_;
  const std::ptrdiff_t coefficients_;
};

}  // namespace dgen::lower

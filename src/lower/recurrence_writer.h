#pragma once
// Writes one recurrence into a sequential kernel: its states before, in and after the loop over frames.

#include <vector>

#include "ir/builder.h"
#include "lower/buffers.h"

namespace dgen::lower {

class RecurrenceWriter {
 public:
  RecurrenceWriter(const Graph& graph, int recur, const Buffers& buffers, ir::Builder& builder);

  /// Before the loop: cells become locals. `initial(k)` gives the value of input k of the recur at the first frame.
  template <class Initial>
  void begin(ir::Value position, Initial initial) {
    for (std::size_t k = 0; k < recurrence_.states.size(); ++k) begin_cell(k);
    if (!has_initial()) return;
    const ir::Value first = position == like(position, 0);
    builder_.branch(first, [&] {
      for (std::size_t k = 0; k < recurrence_.states.size(); ++k) {
        if (starts_at_value(k)) locals_[k].set(initial(recurrence_.states[k].initial));
      }
    });
  }

  /// One frame. argument(k): input k of the recur, a signal, as scalar f32; frame: low 32 bits of the frame's number.
  /// Returns the values of the results.
  template <class Argument>
  std::vector<ir::Value> frame(ir::Value frame, Argument argument) {
    std::vector<ir::Value> value(static_cast<std::size_t>(body_.size()));
    for (int id = 0; id < body_.size(); ++id) {
      const Node& node = body_[id];
      value[static_cast<std::size_t>(id)] =
          node.op->kind == Kind::argument && node.type.dtype == DType::signal ? argument(static_cast<int>(node.attributes.size))
                                                                              : compute(id, frame, value);
    }
    return finish_frame(frame, value);
  }

  /// After the loop: locals go back to memory.
  void end();

 private:
  bool has_initial() const;
  bool starts_at_value(std::size_t k) const;
  void begin_cell(std::size_t k);
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
};

}  // namespace dgen::lower

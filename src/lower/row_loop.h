#pragma once
// Loops over values with shapes of which every element is one by itself: the states of a vector of elements stay in registers
// while it goes through the ticks of a block.

#include <map>
#include <optional>
#include <vector>

#include "lower/diffused_rows.h"
#include "lower/phase_writer.h"
#include "lower/row_context.h"
#include "schedule/phase.h"

namespace dgen::lower {

/// At frame 0 the states of loop `recur` take their initial values; adjoints start at zero.
void start_loop(RowContext& rows, int recur);

class SeparateLoop {
 public:
  SeparateLoop(RowContext& rows, int recur);

  /// Before the ticks of a block: loads the states of elements e …, and what is the same at every tick.
  void load(ir::Value e);
  /// At one tick: the results become known to `rows.value`.
  void tick(ir::Value e);
  /// After the ticks of the block.
  void store(ir::Value e);

 private:
  int state_buffer(std::size_t k) const { return rows_.buffers.state.at({recur_, static_cast<int>(k)}); }
  ir::Value element(int id, const std::vector<ir::Value>& value, ir::Value e);
  ir::Value diffused(const DiffusedStep& step, const std::vector<ir::Value>& value, ir::Value e);
  void load_step(ir::Value e);
  ir::Value step_of_row(ir::Value e);
  bool advances_steadily() const;
  void load_ahead();
  void phase_tick(ir::Value e);
  void show_phases(ir::Value before, ir::Value after);

  RowContext& rows_;
  ir::Builder& b_;
  const int recur_;
  const Recurrence& recurrence_;
  const std::int64_t count_;
  const std::optional<schedule::PhaseAccumulator> phase_;  ///< in fixed point
  std::vector<int> results_;                               ///< nodes outside
  std::vector<ir::Local> states_;
  const std::map<int, DiffusedStep> diffused_;  ///< nodes of the body
  std::vector<int> known_ahead_;                ///< by node of the body: the node that is its value at the next tick, or -1
  std::map<int, ir::Local> ahead_;              ///< nodes of the body that the tick before computed
  std::vector<ir::Value> resting_;              ///< of this vector of elements, by node of the body
  ir::Value step_{};                            ///< of phases, where it rests
  std::optional<RowPhaseWriter> phases_;        ///< in place of `states_`, where they advance steadily
};

}  // namespace dgen::lower

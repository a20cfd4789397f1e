#pragma once
// What the steps of a stage on ticks share: the ticks, where rows lie, and the elements of any value at a tick.

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <span>

#include "ir/builder.h"
#include "lower/access.h"
#include "lower/buffers.h"
#include "lower/row_plan.h"
#include "lower/row_ticks.h"

namespace dgen::lower {

/// Memory of real and of imaginary parts.
struct ComplexBuffer {
  int re = -1, im = -1;
};

/// The elements of a value at one tick: `buffer` from `base` on, or from there back.
struct Row {
  int buffer = -1;
  ir::Value base{};
  bool back = false;
};

class RowContext {
 public:
  RowContext(const schedule::Schedule& schedule, const schedule::Stage& stage, Buffers& buffers, ir::Module& module,
             ir::Builder& builder);
  /// Of the body of loop `recur`, which goes through `body_stage` once for every tick of `outer`. `kept`: nodes whose rows are
  /// needed when the steps are done.
  RowContext(RowContext& outer, int recur, const schedule::Stage& body_stage, std::span<const int> kept, ir::Module& module);

  const schedule::Stage& stage;
  const Graph& g;
  Buffers& buffers;
  ir::Builder& builder;
  const bool backward;
  const bool once;  ///< of control values: one tick, whose rows stay until a parameter changes
  const RowPlan plan;
  RowTicks ticks;

  std::int64_t elements(int id) const { return elements_of(g, id); }
  /// Elements from a row of the node to its next.
  std::int64_t stride(int id) const;
  ir::Value whole(std::int64_t number) { return lower::whole(builder, number); }

  /// Writes `body` once for the ticks of the block, in a loop.
  void each_tick(const std::function<void()>& body);

  /// Where a value with a row lies at the tick `ticks.at` was last told.
  Row row(int id);
  /// Elements e … (one where not wide) of a row.
  ir::Value load(const Row& row, ir::Value e, bool wide);
  /// In a body: what the line of numbers that `read` reads remembers.
  ir::Value read_line(int read);
  /// A vector of elements of a row, picked by a vector of i32.
  ir::Value gather(const Row& row, ir::Value index);
  /// Elements of a node where elements e … of a value of `count` elements are computed: its own, or its only one for all.
  ir::Value of(int id, ir::Value e, std::int64_t count);
  /// The matrix of a product: a padded row of outputs for each input.
  int matrix(int linear) const;
  /// Puts elements where later stages and the host read them.
  void publish(int id, ir::Value e, ir::Value value);

  /// A scratch buffer for one row.
  int new_row(const Shape& shape);
  /// Two scratch buffers of complex numbers, which every transform of this size works in.
  const std::array<ComplexBuffer, 2>& transform_work(std::int64_t size);

  std::map<int, int> scratch;      ///< by node: rows of this block, for other steps
  std::map<int, int> turned;       ///< by matmul node: scratch for the transpose of its right side
  int lanes = -1;                  ///< scratch: one vector, to sum its lanes
  std::map<int, int> partial;      ///< by sum of a step with loops: scratch, a vector for each tick of the block
  std::map<int, ir::Value> value;  ///< of this step's loop

 private:
  void place_rows(ir::Module& module);
  void place_control_rows(ir::Module& module);
  void place_lanes(ir::Module& module);
  void place_turned(ir::Module& module);
  void place_row(ir::Module& module, int id);
  void prepare();
  ir::Value tick_of(int id) const;
  std::optional<Row> row_in_place(int id);
  Row delayed_row(int id);
  void keep_past(int id, ir::Value e, ir::Value value);
  RowContext* outer_ = nullptr;  ///< of a body
  const int recur_ = -1;
  std::map<std::int64_t, std::array<ComplexBuffer, 2>> transform_work_;
  std::map<int, ir::Value> prepared_;  ///< control values as f32
};

}  // namespace dgen::lower

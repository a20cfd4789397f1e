#pragma once
// What the kernels of a device share: one frame or tick, and one element, of a stage, in scalars, by a work item.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ir/builder.h"
#include "lower/device_buffers.h"
#include "lower/element_ops.h"

namespace dgen::lower {

/// Writes one kernel. Its arguments: the frames of the block (i32), the frames since reset (i64), the number of the work item in
/// its row, and the row (i32); of groups that share memory, of so many work items, the place in the group and the group (i32),
/// too.
class DeviceKernel {
 public:
  DeviceKernel(const schedule::DeviceSchedule& schedule, const schedule::DeviceStage& stage, DeviceBuffers& buffers,
               ir::Module& module, std::string name, int group = 0);
  DeviceKernel(const DeviceKernel&) = delete;
  DeviceKernel& operator=(const DeviceKernel&) = delete;

  /// A work item a tick and element: everything of a stage whose elements are apart.
  void write_rows();
  /// A work item a tick and line: what runs along an axis.
  void write_lines();
  /// A work item a tick and part of a long sum over elements.
  void write_parts();
  /// Work item 0 of a row goes through the frames of one recurrence.
  void write_loops();
  /// A work item goes through the frames of one element of a recurrence; rows are the recurrences.
  void write_row_loops();
  ir::Function take() { return std::move(function_); }

 protected:
  /// Calls `body` for every node of the stage that `counts`, in a branch of its row.
  void each_row(const std::function<bool(int id)>& counts, const std::function<void(int id)>& body);
  /// The same for every recurrence.
  void each_loop(const std::function<void(int recur)>& body);
  /// The value of a node at the frame of `go_to`, or the element of `go_to_element`.
  ir::Value of(int id);
  /// Element e of a node at that tick.
  ir::Value element(int id, ir::Value e);
  /// From here on values are those of frame `index` of the block, in the order of processing.
  void go_to(ir::Value index);
  /// From here on values are those of tick number `tick` of the block, in time.
  void go_to_tick(ir::Value tick);
  /// The place of a work item that has one of `elements` at a tick: goes to that tick. Returns the element.
  ir::Value go_to_item(std::int64_t elements);
  /// Element `e` of what is kept of a node: at this tick.
  ir::Value row_place(int id, ir::Value e);
  /// The number of the tick in the block, in time.
  ir::Value tick_row() const { return tick_; }
  /// The frame of `go_to`, since reset in the order of processing (low bits).
  ir::Value frame() const { return frame_; }
  /// Ticks of the block.
  ir::Value tick_count();
  ir::Value tick_number(std::int32_t hop, DeviceBuffers::Tick what);
  /// Loads the control values among a node's inputs, which then are there in the loop that follows.
  void prepare(int id);
  void set_results(int recur, const std::vector<ir::Value>& results);
  /// Stores those values of this tick that other kernels or the host read.
  void store_tick();
  /// Stores element `e` of a node, where others read it.
  void store_element(int id, ir::Value e, ir::Value value);
  ir::Value thread() { return builder_.argument(4); }  ///< the number of the work item in its group
  ir::Value group() { return builder_.argument(5); }
  ElementOps element_ops();
  ir::Value number(double value) { return builder_.number({ir::Scalar::f32, false}, value); }
  ir::Value fixed(std::uint64_t value) { return builder_.integer({ir::Scalar::u64, false}, static_cast<std::int64_t>(value)); }
  ir::Value uniform_step(int recur, const schedule::PhaseAccumulator& phase);

  const Graph& g_;
  const schedule::DeviceStage& stage_;
  DeviceBuffers& buffers_;
  ir::Function function_;
  ir::Builder builder_;
  const bool backward_;
  const ir::Value frames_, position_, item_, row_, position32_;
  ir::Value element_{};  ///< of this work item; empty where values have one

 private:
  ir::Value compute(int id);
  ir::Value delayed(int id);
  ir::Value contracted(int id, ir::Value e);
  ir::Value gathered(int id);
  ir::Value noise_at(int id);
  ir::Value windowed(int window, ir::Value e);
  ir::Value held(int id);
  ir::Value overlapped(int id);
  void compute_phase(int recur);
  std::vector<bool> needed() const;
  void store_value(int id, ir::Value value);
  ir::Value channel_place(const std::map<int, int>& origins, int channel, const Type& type, ir::Value e);
  ir::Value element_here(std::int64_t elements);

  ir::Value index_{}, frame_{};     ///< of `go_to`: in the block, in time; and since reset in the order of processing (low bits)
  ir::Value tick_{};                ///< its number in the block, in time
  std::map<int, ir::Value> value_;  ///< what is computed where the writer stands
};

}  // namespace dgen::lower

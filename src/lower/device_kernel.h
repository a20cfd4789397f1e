#pragma once
// What the kernels of a device share: one frame of a stage, in scalars, by a work item.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ir/builder.h"
#include "lower/device_buffers.h"

namespace dgen::lower {

/// Writes one kernel. Its arguments: the frames of the block (i32), the frames since reset (i64), the number of the work item in
/// its row, and the row (i32).
class DeviceKernel {
 public:
  DeviceKernel(const schedule::Schedule& schedule, const schedule::Stage& stage, const DeviceBuffers& buffers, ir::Module& module,
               std::string name);
  DeviceKernel(const DeviceKernel&) = delete;
  DeviceKernel& operator=(const DeviceKernel&) = delete;

  /// A work item a frame: everything of a stage without scans.
  void write_map();
  /// Work item 0 of a row goes through the frames of one recurrence.
  void write_loops();
  ir::Function take() { return std::move(function_); }

 protected:
  /// Calls `body` for every recurrence of the stage, in a branch of its row.
  void each_loop(const std::function<void(int recur)>& body);
  /// The value of a node at the frame of `go_to`.
  ir::Value of(int id);
  /// From here on values are those of frame `index` of the block.
  void go_to(ir::Value index);
  /// Loads the control values among a node's inputs, which then are there in the loop that follows.
  void prepare(int id);
  void set_results(int recur, const std::vector<ir::Value>& results);
  /// Stores those values of this frame that other kernels or the host read.
  void store_frame();
  ir::Value number(double value) { return builder_.number({ir::Scalar::f32, false}, value); }
  ir::Value fixed(std::uint64_t value) { return builder_.integer({ir::Scalar::u64, false}, static_cast<std::int64_t>(value)); }
  ir::Value uniform_step(int recur, const schedule::PhaseAccumulator& phase);

  const Graph& g_;
  const schedule::Stage& stage_;
  const DeviceBuffers& buffers_;
  ir::Function function_;
  ir::Builder builder_;
  const ir::Value frames_, position_, item_, row_, position32_;

 private:
  ir::Value compute(int id);
  ir::Value delayed(int id);
  ir::Value gathered(int id);
  ir::Value noise_at(int id);
  void compute_phase(int recur);

  ir::Value index_{}, frame_{};     ///< of `go_to`: in the block, and since reset (low bits)
  std::map<int, ir::Value> value_;  ///< what is computed where the writer stands
};

}  // namespace dgen::lower

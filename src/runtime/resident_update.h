#pragma once
// Parameters and an optimiser's memory on a device, and the kernels that change them at the end of a step.

#include <memory>
#include <span>
#include <vector>

#include "runtime/device_machine.h"
#include "runtime/device_segment_data.h"

namespace dgen::runtime {

/// One caller at a time. Throws what its queue throws.
class ResidentUpdate {
 public:
  ResidentUpdate(const DeviceSegmentProgram& program, engine::DeviceQueue& queue, double sample_rate);

  /// The values, slots and settings of a step; what the device holds already is not written.
  void put(const UpdateStep& step);
  /// Values for a run without an update.
  void put(std::span<const float> values);
  /// What the device holds is not known.
  void forget() { known_.clear(), given_.clear(); }

  /// Before and behind a run of a segment of `frames` frames from `start` on.
  void hand_over(std::size_t run, std::int64_t frames, std::int64_t start);
  void take_sums(std::size_t run, std::int64_t frames, std::int64_t start);
  /// Behind all runs: what is known at the end, the update, and the one read of a step.
  void finish(UpdateStep& step, std::int64_t frames, std::int64_t start);

 private:
  void launch(int number, std::int64_t frames, std::int64_t start);
  void write_numbers(std::int64_t first, std::span<const double> numbers);

  const DeviceSegmentProgram& program_;
  const DeviceUpdate& update_;
  engine::DeviceQueue& queue_;
  std::unique_ptr<DeviceMachine> last_;
  std::vector<double> known_;  ///< the block of numbers as the device has it; empty: not known
  std::vector<double> given_;  ///< settings and rates
};

}  // namespace dgen::runtime

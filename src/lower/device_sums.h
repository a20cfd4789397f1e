#pragma once
// Sums over time on a device, in two phases: work items add up chunks of ticks; then a few for each element add up the chunks,
// in order, to what came before.

#include "lower/device_kernel.h"

namespace dgen::lower {

/// The kernels of a stage of sums. Rows are the sums.
class DeviceSumKernel : public DeviceKernel {
 public:
  using DeviceKernel::DeviceKernel;
  /// A work item a chunk and element.
  void write_chunks();
  /// A work item a lane and element.
  void write_totals();

 private:
  void each_sum(const std::function<void(int reduce)>& body);
};

}  // namespace dgen::lower

#pragma once
// Loops over values with shapes in which elements meet, or that hold delay lines: a work item goes through the frames with all
// elements that meet; parts that never do, as the lanes of a batch, have a work item each.

#include "lower/device_kernel.h"

namespace dgen::lower {

/// The kernel of a stage of such loops. Rows are the loops.
class DeviceCoupledKernel : public DeviceKernel {
 public:
  using DeviceKernel::DeviceKernel;
  void write();

 private:
  class Loop;
};

}  // namespace dgen::lower

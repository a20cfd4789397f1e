#pragma once
// Builds and runs kernels by OpenCL, whose loader and drivers are found at run time.

#include <vector>

#include "engine/device.h"

namespace dgen::engine {

struct OpenClDevice {
  std::string name;      ///< of the device
  std::string platform;  ///< of its driver
  std::string why_not;   ///< why DGen does not use it; empty: it does
  bool is_gpu = false;
};

/// All devices of all drivers, the one that `build_opencl` takes first. Throws `Error` backend_unavailable where there is no
/// loader or no driver.
std::vector<OpenClDevice> opencl_devices();

/// What groups of work items may be on the device that `build_opencl` takes. Throws `Error` backend_unavailable where there is
/// none.
ir::GroupLimits opencl_group();

/// Builds OpenCL C for the first device: a GPU where there is one, or the first whose name contains $DGEN_OPENCL_DEVICE.
/// Throws `Error` backend_unavailable where there is none that will do, compiler_failed with what its compiler said.
std::shared_ptr<const DeviceCode> build_opencl(const std::string& source);

}  // namespace dgen::engine

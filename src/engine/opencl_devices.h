#pragma once
// The devices that OpenCL has here.

#include <vector>

#include "engine/opencl.h"
#include "engine/opencl_api.h"

namespace dgen::engine::cl {

struct Found {
  OpenClDevice shown;
  Device device = nullptr;
  bool correct_division = false;  ///< can round divisions and roots correctly
  ir::GroupLimits group{};
};

/// All devices, the best first: those that will do, those whose name $DGEN_OPENCL_DEVICE names, GPUs.
std::vector<Found> find_devices();

}  // namespace dgen::engine::cl

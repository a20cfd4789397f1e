#pragma once
// Builds and runs kernels by CUDA, whose driver and compiler (NVRTC) are found at run time.

#include <vector>

#include "engine/device.h"

namespace dgen::engine {

struct CudaDevice {
  int index = 0;       ///< as the driver counts them
  std::string name;    ///< of the device
  std::string driver;  ///< "CUDA 12.4"
  int capability = 0;  ///< 10 * major + minor
  ir::GroupLimits group{};
  std::string why_not;  ///< why DGen does not use it; empty: it does
};

/// All GPUs of the driver, the one that `build_cuda` takes first. Throws `Error` backend_unavailable where there is no driver or
/// no GPU.
std::vector<CudaDevice> cuda_devices();

/// What groups of work items (blocks of threads) may be on the GPU that `build_cuda` takes. Throws as `cuda_devices`.
ir::GroupLimits cuda_group();

/// PTX of CUDA C++ for GPUs of `capability` (10 * major + minor) or later, or of the latest that NVRTC knows.
/// Throws `Error` backend_unavailable where there is no NVRTC, compiler_failed with what it said.
std::string compile_cuda(const std::string& source, int capability);

/// Builds CUDA C++ for the first GPU, or the first whose name contains $DGEN_CUDA_DEVICE.
/// Throws `Error` backend_unavailable where there is none, compiler_failed with what its compiler said.
std::shared_ptr<const DeviceCode> build_cuda(const std::string& source);

}  // namespace dgen::engine

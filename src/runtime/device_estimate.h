#pragma once
// How long the kernels of a program take on a GPU and the same work on a CPU: estimates, good to a factor of a few, by which
// Backend::automatic chooses.

#include <cstdint>
#include <span>
#include <string>

#include "lower/device.h"

namespace dgen::runtime {

struct DeviceEstimate {
  double gpu_us = 0, cpu_us = 0;  ///< of one call, microseconds
  std::int64_t frames = 0;        ///< of the call
  std::int64_t kernels = 0;
  std::int64_t most_threads = 0;  ///< that a kernel has
  std::string slowest{};          ///< the kernel that takes longest on the GPU: its name, threads, and why it runs so
};

/// Of programs that run one after the other.
DeviceEstimate estimate(std::span<const lower::DeviceLowered* const> programs, std::int64_t frames);

}  // namespace dgen::runtime

#pragma once
// Runs a program on a device, block after block.

#include "runtime/executor.h"

namespace dgen::runtime {

/// Throws `Error` limit_exceeded where the device has not enough memory, backend_unavailable where it fails.
std::unique_ptr<Executor> make_device_executor(const Program& program, double sample_rate);

}  // namespace dgen::runtime

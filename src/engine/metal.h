#pragma once
// Builds and runs kernels by Metal, on Apple's systems; elsewhere there is none, and this says so.

#include <vector>

#include "engine/device.h"

namespace dgen::engine {

/// Names of the GPUs, the system's default first. Throws `Error` backend_unavailable where there is no Metal or no GPU.
std::vector<std::string> metal_devices();

/// What groups of work items (threadgroups) may be on the default GPU. Throws as `metal_devices`.
ir::GroupLimits metal_group();

/// Builds Metal's language for the default GPU.
/// Throws `Error` backend_unavailable where there is none, compiler_failed with what its compiler said.
std::shared_ptr<const DeviceCode> build_metal(const std::string& source);

}  // namespace dgen::engine

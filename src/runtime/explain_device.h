#pragma once
// The kernels of a program on a device, as text.

#include <string>
#include <vector>

#include "lower/device.h"

namespace dgen::runtime {

/// A line for each kernel: its work items and groups for a block of frames, and why it runs so.
std::vector<std::string> explain_kernels(const lower::DeviceLowered& lowered, std::int64_t frames = 4096);

}  // namespace dgen::runtime

#pragma once
// The kernels of programs in the language of a device.

#include <span>
#include <string>

#include "lower/device.h"
#include "render/device_dialect.h"

namespace dgen::render {

/// The name of a launched kernel in the text.
std::string device_kernel_name(const lower::DeviceLowered& program, const lower::Launch& launch);

/// One source for all programs, whose names differ; their buffers have offsets. Throws `Error` backend_unavailable where a kernel
/// computes in double and the dialect has none.
std::string render_device(const DeviceDialect& dialect, std::span<const lower::DeviceLowered* const> programs);

}  // namespace dgen::render

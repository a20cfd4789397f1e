#pragma once
// Where the buffers of a program lie in the memory that an instance has on a device.

#include "lower/device.h"

namespace dgen::lower {

/// Parts of the memory, in bytes, one behind the other: constants, uniforms, states, scratch, inputs, outputs.
struct DeviceMemory {
  std::int64_t uniforms = 0;  ///< where they begin; constants before them
  std::int64_t states = 0;
  std::int64_t scratch = 0;
  std::int64_t channels = 0;  ///< of the host, inputs first
  std::int64_t bytes = 0;     ///< of all
};

/// Gives every buffer that kernels touch its offset from the start of the memory; scratch buffers may share bytes. Those of
/// the host alone get -1.
DeviceMemory plan_device_memory(DeviceLowered& lowered);

}  // namespace dgen::lower

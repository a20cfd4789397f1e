#pragma once
// Where the buffers of a program lie in the memory that an instance has on a device.

#include "lower/device.h"

namespace dgen::lower {

/// Parts of the memory, in bytes, one behind the other: constants, uniforms, states, scratch, inputs, outputs.
struct DeviceMemory {
  std::int64_t begin = 0;     ///< of constants
  std::int64_t uniforms = 0;  ///< where they begin; constants before them
  std::int64_t states = 0;
  std::int64_t scratch = 0;
  std::int64_t channels = 0;  ///< of the host, inputs first
  std::int64_t bytes = 0;     ///< where all ends
};

/// Gives every buffer that kernels touch its offset in the memory, `begin` or behind; scratch buffers may share bytes. Those of
/// the host alone get -1, and so do the channels of runs over segments, until `place_channels`.
DeviceMemory plan_device_memory(DeviceLowered& lowered, std::int64_t begin = 0);

/// The channels of a run over segments are parts of one piece of memory.
void place_channels(DeviceLowered& lowered, std::int64_t offset);

}  // namespace dgen::lower

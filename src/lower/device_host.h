#pragma once
// What the host of a device computes: coefficients, steps and delays when a parameter changed, phases and keys of noise from
// block to block. In double, which many devices have not.

#include "lower/device_buffers.h"

namespace dgen::lower {

/// When a parameter changed, after the control kernel.
ir::Function uniforms_kernel(const Graph& graph, const DeviceBuffers& buffers, ir::Module& module);
/// Before and after the kernels of a block.
ir::Function begin_kernel(const Graph& graph, const DeviceBuffers& buffers, ir::Module& module);
ir::Function end_kernel(const Graph& graph, const DeviceBuffers& buffers, ir::Module& module);

}  // namespace dgen::lower

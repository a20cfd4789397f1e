#pragma once
// What moves through a device's memory: what a training step must move at least, and how fast the device copies.

#include <cstdint>
#include <span>

#include "dgen/graph.h"
#include "dgen/program.h"

namespace gpu_bench {

/// Bytes that the kernels of `wanted` read and write in a segment of `frames` frames, each buffer once a kernel.
double bytes_of_step(dgen::Backend backend, std::span<const dgen::Signal> wanted);

/// Bytes a second, read and written, of copying 256 MB.
double copy_bandwidth(dgen::Backend backend);

}  // namespace gpu_bench

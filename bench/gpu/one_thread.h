#pragma once
// The spectral loss as the program that DGen began from runs it on a GPU: all of it on one thread.

#include "dgen/program.h"

namespace gpu_bench {

/// Frames of the window of the loss, which comes every frame.
constexpr int original_window = 64;

/// Seconds for the loss and its gradient of `frames` frames.
double one_thread_seconds(dgen::Backend backend, int frames);

}  // namespace gpu_bench

#pragma once
// Windows of a signal with their weights, as one op with numbers for its options: what patch text calls. C++ has `window` of
// dgen/tensor.h and `window_function` of dgen/windows.h. Records in src/dsp/windowing.cpp.

#include "dgen/declare.h"

#define DGEN_WINDOWING_OPS(op) op(windowed) op(apply_window)

namespace dgen {

/// windowed(x, size, hop, window_function, beta): the last `size` frames of x at every tick of `hop`, weighted; x: frame; gives
/// hop [size]. apply_window(frames, window_function, beta): the last axis weighted. window_function: 0 rectangular, 1 Hann,
/// 2 Hamming, 3 Blackman, 4 Kaiser with this beta; periodic. They throw `Error` bad_value, bad_type.
DGEN_WINDOWING_OPS(DGEN_DECLARE_OP)

}  // namespace dgen

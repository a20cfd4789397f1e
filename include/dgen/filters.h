#pragma once
// Filters. One line per op here, one record per op in src/dsp/filters.cpp and src/dsp/biquad.cpp.
// Cutoffs are in Hz at the actual sample rate and may change every frame.

#include "dgen/declare.h"

// clang-format off
#define DGEN_FILTER_OPS(op) \
  op(onepole) op(dcblock) op(svf) op(svf_lowpass) op(svf_bandpass) op(svf_highpass) op(svf_notch) op(svf_peak)
#define DGEN_BIQUAD_OPS(op)                                                                      \
  op(biquad) op(biquad_lowpass) op(biquad_highpass) op(biquad_bandpass) op(biquad_bandpass_skirt) \
  op(biquad_notch) op(biquad_allpass) op(biquad_highshelf) op(biquad_lowshelf) op(biquad_peaking)
// clang-format on

namespace dgen {

DGEN_FILTER_OPS(DGEN_DECLARE_OP)
DGEN_BIQUAD_OPS(DGEN_DECLARE_OP)

}  // namespace dgen

#pragma once
// Ramps, pulses and waveforms of a phase. One line per op here, one record per op in src/dsp/oscillators.cpp.

#include "dgen/declare.h"

#define DGEN_OSCILLATOR_OPS(op) op(phasor) op(accum) op(triangle)

namespace dgen {

DGEN_OSCILLATOR_OPS(DGEN_DECLARE_OP)

namespace ops {
extern const OpDef click;
}

/// 1 on the first frame after reset, 0 on every other; frame clock.
Signal click(Graph& graph);

}  // namespace dgen

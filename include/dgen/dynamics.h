#pragma once
// Level control. One line per op here, one record per op in src/dsp/dynamics.cpp.

#include "dgen/declare.h"

#define DGEN_DYNAMICS_OPS(op) op(compressor)

namespace dgen {

DGEN_DYNAMICS_OPS(DGEN_DECLARE_OP)

}  // namespace dgen

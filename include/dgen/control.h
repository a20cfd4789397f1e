#pragma once
// Choosing and holding. One line per op here, one record per op in src/dsp/control.cpp.

#include "dgen/declare.h"

#define DGEN_CONTROL_OPS(op) op(gswitch) op(selector) op(latch)

namespace dgen {

DGEN_CONTROL_OPS(DGEN_DECLARE_OP)

}  // namespace dgen

#pragma once
// Maps from one range to another, frame by frame. One line per op here, one record per op in src/dsp/shapes.cpp.

#include "dgen/declare.h"

#define DGEN_SHAPE_OPS(op) op(clip) op(fold) op(scale) op(mix)

namespace dgen {

DGEN_SHAPE_OPS(DGEN_DECLARE_OP)

}  // namespace dgen

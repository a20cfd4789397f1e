#pragma once
// Units of pitch and level. One line per op here, one record per op in src/dsp/conversions.cpp.

#include "dgen/declare.h"

#define DGEN_CONVERSION_OPS(op) op(mtof) op(ftom) op(dbtoa) op(atodb)

namespace dgen {

DGEN_CONVERSION_OPS(DGEN_DECLARE_OP)

}  // namespace dgen

#pragma once
// Comparisons, logic and choice. Booleans are the numbers 0 and 1. Records in src/ops/compare.cpp.

#include "dgen/declare.h"

// clang-format off
#define DGEN_COMPARE_OPS(op)                                          \
  op(gt) op(lt) op(gte) op(lte) op(eq) op(neq)                        \
  op(logical_and) op(logical_or) op(logical_xor) op(logical_not)      \
  op(select)
// clang-format on

namespace dgen {

DGEN_COMPARE_OPS(DGEN_DECLARE_OP)

}  // namespace dgen

#pragma once
// Declares an op from its line in a family's list: the record `ops::NAME`, and the function `NAME(…)` that argument-
// dependent lookup finds beside <cmath>'s. The first argument carries the call site.

#include "dgen/graph.h"

#define DGEN_DECLARE_OP(name)                  \
  namespace ops {                              \
  extern const OpDef name;                     \
  }                                            \
  template <std::convertible_to<Operand>... S> \
  Signal name(Operand first, S... rest) {      \
    return ops::name(first, rest...);          \
  }

#pragma once
// What the simplifications of records ask about their inputs.

#include "dgen/graph.h"

namespace dgen::ops {

/// Whether the signal is a constant.
inline bool is_constant(Signal s) { return (*s.graph)[s.id].op->kind == Kind::constant; }

/// Whether the signal is the constant `value`.
inline bool is(Signal s, double value) { return is_constant(s) && (*s.graph)[s.id].attributes.value == value; }

}  // namespace dgen::ops

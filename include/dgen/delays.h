#pragma once
// Signals as they were earlier. One line per op here, one record per op in src/dsp/delays.cpp.

#include "dgen/declare.h"

#define DGEN_DELAY_OPS(op) op(history) op(history_read) op(history_write) op(delay) op(delta) op(change)

namespace dgen {

DGEN_DELAY_OPS(DGEN_DECLARE_OP)

/// A one-frame memory written before it is closed: what `Graph::close` gives it, one frame ago; `initial` at frame 0.
/// `Signal y = history_cell(g); … g.close(y, next);`
Signal history_cell(Graph& graph, double initial = 0, const char* file = __builtin_FILE(), int line = __builtin_LINE());

}  // namespace dgen

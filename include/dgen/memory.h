#pragma once
// Tables: numbers read and written by index. One line per op here, one record per op in src/dsp/memory.cpp.

#include <string_view>
#include <vector>

#include "dgen/declare.h"
#include "dgen/time.h"

#define DGEN_MEMORY_OPS(op) op(memory_read) op(memory_write) op(peek)

namespace dgen {

DGEN_MEMORY_OPS(DGEN_DECLARE_OP)

/// A table with these contents at reset: 1 … 2^26 finite numbers. `name` is what saved states call it.
/// Throws `Error` bad_value.
Signal table(Graph& graph, std::vector<double> contents, std::string_view name = "table", const char* file = __builtin_FILE(),
             int line = __builtin_LINE());

}  // namespace dgen

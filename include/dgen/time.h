#pragma once
// Sources, and ops that relate one frame to others. Records in src/ops/time.cpp. Most patches use the composites of
// delays.h and memory.h, which are built from these.

#include "dgen/declare.h"

#define DGEN_SOURCE_OPS(op) op(constant) op(param) op(input) op(sample_rate) op(frame_index) op(noise)
// clang-format off
#define DGEN_TIME_OPS(op)                                                                     \
  op(delay_tap) op(table) op(table_read) op(table_write) op(cell) op(line) op(line_read)      \
  op(handle) op(time_sum) op(seq) op(recur) op(result) op(state) op(argument)
// clang-format on

namespace dgen {

// The sources take no input, so they are records and methods of Graph, not functions.
#define DGEN_DECLARE_SOURCE(name) \
  namespace ops {                 \
  extern const OpDef name;        \
  }
DGEN_SOURCE_OPS(DGEN_DECLARE_SOURCE)
#undef DGEN_DECLARE_SOURCE
DGEN_TIME_OPS(DGEN_DECLARE_OP)

/// Hz, control clock.
Signal sample_rate(Graph& graph);
/// Frames since reset, 0 first, frame clock.
Signal frame_index(Graph& graph);
/// Uniform noise in [-1, 1), white, the same on every run and back end. A seed of its own for each source.
Signal noise(Graph& graph, std::int64_t seed = 0);

}  // namespace dgen

#pragma once
// Delays of a frame or two, which need no memory: a vector of frames is put together with the last lanes of the one before.

#include "dgen/graph.h"

namespace dgen::schedule {

/// Whole frames of a delay whose time is a constant, as they are read; -1: of any other.
std::int64_t constant_delay(const Graph& graph, int delay);

/// Whole frames of a delay of a number that is carried from vector to vector, so that it may run in the stage of what it
/// delays; 0: any other, which reads a ring that an earlier stage fills.
int carried_frames(const Graph& graph, int delay);

}  // namespace dgen::schedule

#pragma once
// How late windows make what they lead to.

#include <cstdint>

#include "dgen/graph.h"

namespace dgen {

/// Frames between a host input and the outputs that window and overlap_add put there. The newest frame of a window is its last
/// element, and comes out where overlap_add lays that element down: size - 1 frames after its tick. A way from a window to a
/// held value is not late, nor is a delay that the patch asks for. The largest of all outputs, along the latest way to each.
std::int64_t latency(const Graph& graph);

}  // namespace dgen

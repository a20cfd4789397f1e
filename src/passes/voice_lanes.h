#pragma once
// Pass: one voice becomes many, along a leading axis.

#include "dgen/graph.h"

namespace dgen::passes {

/// The graph with the parameters of notes (graph/voice_params.h), and all that depends on them, as rows of `voices` elements,
/// and sums of those as outputs. `graph` is one that `find_scans` made. Throws `Error` bad_type naming the node where what
/// depends on a note has a shape or a clock of its own, a delay line or a table it writes; and what find_voice_params throws.
std::unique_ptr<Graph> widen_voices(const Graph& graph, std::int32_t voices);

}  // namespace dgen::passes

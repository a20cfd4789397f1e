#pragma once
// Equal parts of one feedback loop that feed each other, such as the junctions of a mesh, become lanes of vectors.

#include "passes/rewrite.h"

namespace dgen::passes {

/// Loops that would run frame by frame and whose states are equal in structure, at least 8 of them, as loops over vectors:
/// waveguide meshes, finite differences, chains of oscillators that pull on each other, feedback matrices. Where lanes meet, the
/// body has views. Sums of what leaves such a loop are formed inside. Only where the vectors are less work than the numbers. For
/// a graph that `find_scans` made.
Rewritten batch_coupled(const Graph& graph);

/// Name of the views of such bodies.
inline constexpr std::string_view lanes_name = "lanes";

}  // namespace dgen::passes

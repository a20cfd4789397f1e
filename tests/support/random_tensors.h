#pragma once
// Random graphs with windows, overlapping frames and tensors between frame signals.

#include <cstdint>

#include "support/random_graph.h"

namespace dgen::testing {

/// A graph of a few parameters and one input that goes down to one or two hop clocks, through every tensor op, and up
/// again; outputs are frame signals. The same graph for the same seed. compiled: only what C code takes (no tensors on the
/// frame clock).
RandomGraph random_tensors(std::uint64_t seed, bool compiled);

}  // namespace dgen::testing

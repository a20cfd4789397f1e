#pragma once
// What tells one training from another: the computation of its loss, and the recording it learns from.

#include <span>
#include <string>

#include "dgen/graph.h"

namespace dgen::train {

/// 32 hexadecimal digits that follow from the nodes `loss` is computed from. Names and places in the source do not count,
/// nor does what else the graph holds.
std::string fingerprint(Signal loss);

/// The same of the frames of some channels.
std::string fingerprint(std::span<const std::span<const float>> channels);

}  // namespace dgen::train

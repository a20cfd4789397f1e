#pragma once
// The stages of what depends on parameters and the sample rate only.

#include <vector>

#include "schedule/schedule.h"

namespace dgen::schedule {

/// Numbers and values with shapes in turns, each stage after those it reads. Parameters and constants with shapes are there
/// from the start, and stacks of numbers are no nodes of a stage.
std::vector<Stage> control_stages(const Graph& graph);

}  // namespace dgen::schedule

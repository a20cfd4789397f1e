#pragma once
// Cuts long parallel stages, so that a processor has several of their iterations at work at once.

#include <vector>

#include "schedule/colouring.h"

namespace dgen::schedule {

/// The numbers of `assign_stages`, where stages that are cheaper in parts have several numbers, in order. An iteration of a loop
/// of 200 operations one behind another waits for each of them, and the processor looks no further ahead than that; of
/// two loops of 100 it runs two iterations beside each other. What crosses from part to part is stored and loaded.
std::vector<int> part_stages(const Graph& graph, const std::vector<Colour>& colour, const std::vector<int>& stage);

}  // namespace dgen::schedule

#pragma once
// What the time of a delay that moves never falls below, by interval arithmetic from what rests within a call.

#include <functional>
#include <optional>
#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// Below this `id` never falls while parameters are in their ranges, at 44.1 kHz; none where that is not known.
/// alias: what handles and sequences stand for (`LoopAnalysis`).
std::optional<double> least_value(const Graph& graph, const std::vector<int>& alias, int id);

/// The same for the parameters and the sample rate as they are: a value of control clock in the graph of `mapped`, which gives
/// the values of control clock there. Only where `least_value` knows one.
Signal least_signal(const Graph& graph, const std::vector<int>& alias, int id, const std::function<Signal(int id)>& mapped);

}  // namespace dgen::passes

#pragma once
// What the time of a delay that moves never falls below, by interval arithmetic from what rests within a call.

#include <functional>
#include <optional>
#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

struct Bounds {
  double least, greatest;
};

/// Between these `id` stays while parameters are in their ranges, at 44.1 kHz; none where that is not known. Either may be
/// infinite. alias: what handles and sequences stand for (`LoopAnalysis`).
std::optional<Bounds> bounds_of(const Graph& graph, const std::vector<int>& alias, int id);

/// The same with parameters at their initial values and inputs in −1 … 1: what is to be expected, but not certain.
std::optional<Bounds> usual_bounds_of(const Graph& graph, const std::vector<int>& alias, int id);

/// The same for the parameters and the sample rate as they are: a value of control clock in the graph of `mapped`, which gives
/// the values of control clock there. Only where `bounds_of` knows some.
Signal least_signal(const Graph& graph, const std::vector<int>& alias, int id, const std::function<Signal(int id)>& mapped);

}  // namespace dgen::passes

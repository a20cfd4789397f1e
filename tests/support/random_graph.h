#pragma once
// Random front-end graphs with feedback, for comparing back ends; and what is needed to judge and report a difference.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dgen/graph.h"

namespace dgen::testing {

struct RandomGraph {
  std::uint64_t seed = 0;
  std::unique_ptr<Graph> graph;
};

/// A valid graph of about 5 … 90 nodes: every pointwise op on a range where it is tame, cells, lines at constant and
/// modulated times, handles, nested loops, tables with reads and writes in sequences, noise, parameters and control-rate
/// expressions. Values stay within a few units; no loop amplifies, but for jumps. The same graph for the same seed.
RandomGraph random_graph(std::uint64_t seed);

/// Uniform in [-1, 1), exact in float32: `channels` of `frames` values.
std::vector<std::vector<double>> random_input(std::uint64_t seed, int channels, std::int64_t frames);

/// How far a perturbation of 1e-6 of the input and of the parameters moves the outputs in double: the largest difference of
/// any frame. A graph where this exceeds the tolerance is no test of a float32 back end.
double sensitivity(const Graph& graph, const std::vector<std::vector<double>>& input, std::int64_t frames,
                   double sample_rate = 48000);

/// How far rounding every value to float32 moves the outputs: the largest difference of any frame.
double rounding_sensitivity(const Graph& graph, const std::vector<std::vector<double>>& input, std::int64_t frames,
                            double sample_rate = 48000);

/// A smaller graph for which `fails` still holds: outputs dropped, nodes replaced by numbers or by one of their inputs, until
/// no such step is left. `fails` must hold for `graph`. An `Error` that it throws counts as not failing.
std::unique_ptr<Graph> shrink(const Graph& graph, const std::function<bool(const Graph&)>& fails);

/// The seed and the nodes.
std::string to_text(const RandomGraph& random);

}  // namespace dgen::testing

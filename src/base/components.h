#pragma once
// Strongly connected components of a directed graph.

#include <functional>
#include <vector>

namespace dgen {

/// Components of the nodes 0 … count-1 that can be reached from `roots`, each component after those it has edges to.
/// Nodes of a component are in ascending order. Iterative: depth does not grow the stack. Source: Tarjan 1972.
std::vector<std::vector<int>> strong_components(int count, const std::vector<int>& roots,
                                                const std::function<const std::vector<int>&(int)>& edges);

}  // namespace dgen

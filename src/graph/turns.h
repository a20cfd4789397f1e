#pragma once
// Sines and tangents whose angle is given in turns: sin(2 pi x), tan(pi x).

#include <optional>

#include "dgen/graph.h"

namespace dgen {

/// sin(2 pi (factor x + offset)).
struct Turns {
  int of = -1;        ///< node x
  double factor = 1;  ///< exactly 1 where it is within rounding of it
  double offset = 0;  ///< 0; of a cosine: 0.25
};

/// What node `id` computes, where it is the sine or cosine of a constant times a node.
std::optional<Turns> sine_of_turns(const Graph& graph, int id);

/// x, where node `id` computes tan(pi x), as the coefficients of filters do; -1: it does not.
int tangent_of_half_turns(const Graph& graph, int id);

}  // namespace dgen

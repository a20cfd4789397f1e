#pragma once
// A loss to which every frame of every output counts, differently.

#include "dgen/graph.h"
#include "dgen/math.h"
#include "dgen/time.h"

namespace dgen::testing {

/// Sum over the outputs of their products with fixed weights.
inline Signal weighted_loss(Graph& g) {
  Signal loss{};
  int seed = 900;
  for (const Output& output : g.outputs()) {
    const Signal part = ops::time_sum(Signal{&g, output.node} * noise(g, seed++));
    loss = loss ? loss + part : part;
  }
  return loss;
}

}  // namespace dgen::testing

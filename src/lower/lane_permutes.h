#pragma once
// Vectors put together from lanes of others, as constant permutations of two vectors at a time.

#include <span>

#include "ir/builder.h"

namespace dgen::lower {

/// Lane `number` of a vector, which nothing stands for: 0.
struct LaneOf {
  ir::Value vector{};
  int number = 0;
};

/// The vector whose lanes are `lanes`, as many as those of the module. Vectors that keep their lanes in place are chosen by lane,
/// others permuted in pairs: what one waits for is a permutation and a few choices, not a chain of permutations.
ir::Value vector_of_lanes(ir::Builder& builder, std::span<const LaneOf> lanes);

}  // namespace dgen::lower

#pragma once
// Loops that a condition from outside sends one of two ways, such as those that a gate resets.

#include <cstdint>
#include <optional>
#include <vector>

#include "dgen/graph.h"

namespace dgen::lower {

/// Every next state is chosen by the same condition, in which the states have no part: a branch need compute one side only.
struct LoopChoice {
  int condition = -1;  ///< node of the body
  enum class Side : std::uint8_t {
    before,     ///< given, or needed for more than the choice
    taken,      ///< needed where the condition is not 0
    otherwise,  ///< needed where it is 0
    either,     ///< needed on both sides: computed on each, where products fuse with the sums they are for
    chosen,     ///< the choices themselves
  };
  std::vector<Side> side;  ///< by node of the body
};

/// None where the loop goes one way, or has other states than single values.
std::optional<LoopChoice> choice_of_loop(const Recurrence& recurrence);

}  // namespace dgen::lower

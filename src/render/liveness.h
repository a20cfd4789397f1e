#pragma once
// Which values and locals of a function are used, so that the text holds nothing that a compiler warns about.

#include <vector>

#include "ir/ir.h"

namespace dgen::render {

struct Liveness {
  std::vector<bool> values;
  std::vector<bool> variables;  ///< some live value reads it
};

/// Live: what stores, loops, branches, the result, and sets of live locals need.
Liveness liveness(const ir::Function& function);

}  // namespace dgen::render

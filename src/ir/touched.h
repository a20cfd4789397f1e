#pragma once
// Which buffers a kernel touches.

#include <set>

#include "ir/ir.h"

namespace dgen::ir {

/// Numbers of buffers.
struct Touched {
  std::set<int> read, written;
};

/// What all statements of a kernel read and write, in branches and loops too.
Touched touched_by(const Function& kernel);

}  // namespace dgen::ir

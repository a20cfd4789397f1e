#pragma once
// The loop IR as text, for `dgen dump --stage ir` and for reading in a debugger.

#include <string>

#include "ir/ir.h"

namespace dgen::ir {

/// A line a buffer, then functions and kernels, a line a statement. Constants stand where they are used; %n is the value
/// of that number in its function; "wide" marks one element per lane.
std::string to_text(const Module& module);

}  // namespace dgen::ir

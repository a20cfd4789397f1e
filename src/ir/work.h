#pragma once
// How much a kernel computes: instructions, counted in the IR.

#include <array>
#include <cstdint>

#include "ir/ir.h"

namespace dgen::ir {

/// Instructions that one run of a function executes, functions it calls too, when its integer arguments are these. Loops whose
/// bounds do not follow from them count as `unknown_trips` rounds, and of branches that do not the longer side counts.
std::int64_t work(const Module& module, const Function& function, const std::array<std::int64_t, 4>& arguments);

inline constexpr std::int64_t unknown_trips = 64;

}  // namespace dgen::ir

#pragma once
// The families of primitive ops, each a list made from its header.

#include <span>

#include "dgen/op.h"

namespace dgen::ops {

extern const std::span<const OpDef* const> math_family;     // math.cpp
extern const std::span<const OpDef* const> compare_family;  // compare.cpp
extern const std::span<const OpDef* const> time_family;     // time.cpp

}  // namespace dgen::ops

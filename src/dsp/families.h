#pragma once
// The families of composites, each a list made from its header.

#include <span>
#include <vector>

#include "dgen/op.h"

namespace dgen::ops {

/// One span per family of composites.
std::vector<std::span<const OpDef* const>> composite_families();

}  // namespace dgen::ops

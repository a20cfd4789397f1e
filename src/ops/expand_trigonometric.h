#pragma once
// Trigonometric functions in the loop IR.

#include <span>

#include "ir/builder.h"

namespace dgen::ops::expand {

/// |x| <= 1e5; beyond that any value in [-1, 1].
ir::Value sin(std::span<const ir::Value> x);
ir::Value cos(std::span<const ir::Value> x);
/// |x| <= 1e5.
ir::Value tan(std::span<const ir::Value> x);
ir::Value asin(std::span<const ir::Value> x);
ir::Value acos(std::span<const ir::Value> x);
ir::Value atan(std::span<const ir::Value> x);
ir::Value atan2(std::span<const ir::Value> x);

}  // namespace dgen::ops::expand

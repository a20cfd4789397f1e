#pragma once
// Logarithms and powers in the loop IR. Arguments below the smallest normal number are 0.

#include <span>

#include "ir/builder.h"

namespace dgen::ops::expand {

ir::Value log(std::span<const ir::Value> x);
ir::Value log2(std::span<const ir::Value> x);
ir::Value log10(std::span<const ir::Value> x);
ir::Value log1p(std::span<const ir::Value> x);
ir::Value pow(std::span<const ir::Value> x);

/// base^exponent of a constant base in (0, infinity) other than 1, for f32: in single precision, to 3 units in the last place.
ir::Value power_of(double base, ir::Value exponent);

}  // namespace dgen::ops::expand

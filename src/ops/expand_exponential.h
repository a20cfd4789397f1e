#pragma once
// Exponentials and hyperbolic functions in the loop IR. Results below the smallest normal number are 0.

#include <span>

#include "ir/builder.h"

namespace dgen::ops::expand {

ir::Value exp(std::span<const ir::Value> x);
ir::Value exp2(std::span<const ir::Value> x);
ir::Value expm1(std::span<const ir::Value> x);
ir::Value sinh(std::span<const ir::Value> x);
ir::Value cosh(std::span<const ir::Value> x);
ir::Value tanh(std::span<const ir::Value> x);

/// 2^rest * 2^whole, |rest| <= 1/2, `whole` a whole number, without a check of the range.
ir::Value power_of_two(ir::Value rest, ir::Value whole);

}  // namespace dgen::ops::expand

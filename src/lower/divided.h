#pragma once
// Whole quotients, which the loop IR has no instruction for.

#include "ir/builder.h"

namespace dgen::lower {

/// floor(x / by), x: i32, not negative. By a product with a reciprocal that is rounded up: its error is less than 2^-31 of x's
/// reach. Source: Granlund, Montgomery 1994, theorem 4.2.
ir::Value divided(ir::Builder& b, ir::Value x, std::int64_t by);

/// x - by floor(x / by).
ir::Value remainder(ir::Builder& b, ir::Value x, std::int64_t by);

}  // namespace dgen::lower

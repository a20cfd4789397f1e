#pragma once
// Trigonometric functions in the loop IR.

#include <span>

#include "ir/builder.h"

namespace dgen::ops::expand {

/// |x| <= 1e5; beyond that any value in [-1, 1].
ir::Value sin(std::span<const ir::Value> x);
ir::Value cos(std::span<const ir::Value> x);
/// tan(pi x), f32: reduced exactly.
ir::Value tan_of_half_turns(ir::Value x);

/// sin(2 pi (x + offset)) of f32, with half the operations on the way of sin(2 pi x); |x| <= 1e6. offset: 0 or 1/4.
ir::Value sine_of_turns(ir::Value x, double offset);
/// sin(2 pi phase / 2^32), as f32. phase: u32. Largest error: 1.5e-7.
ir::Value sine_of_phase(ir::Value phase);
/// |x| <= 1e5.
ir::Value tan(std::span<const ir::Value> x);
ir::Value asin(std::span<const ir::Value> x);
ir::Value acos(std::span<const ir::Value> x);
ir::Value atan(std::span<const ir::Value> x);
ir::Value atan2(std::span<const ir::Value> x);

}  // namespace dgen::ops::expand

#pragma once
// Rounding and remainders in the loop IR.

#include <span>

#include "ir/builder.h"

namespace dgen::ops::expand {

ir::Value round(std::span<const ir::Value> x);
ir::Value trunc(std::span<const ir::Value> x);
/// Exact in f32 for |a / b| < 2^56, beyond that 0; in f64 within 2^-52 |b| for |a / b| < 2^48 and |b| > 2^-960.
ir::Value mod(std::span<const ir::Value> x);
/// f32 within one unit in the last place for |x - lo| < 2^28 periods; always within [lo, hi).
ir::Value wrap(std::span<const ir::Value> x);

}  // namespace dgen::ops::expand

#pragma once
// Arithmetic on the matrices of loops that are affine in their states.

#include <vector>

#include "ir/builder.h"

namespace dgen::lower {

/// x y, of square matrices of n rows, entry after entry.
std::vector<ir::Value> product(const std::vector<ir::Value>& x, const std::vector<ir::Value>& y, std::size_t n);

/// matrix x + offset. resets: an entry of 0 lets nothing through, not even what is infinite.
std::vector<ir::Value> advanced(const std::vector<ir::Value>& matrix, const std::vector<ir::Value>& x,
                                const std::vector<ir::Value>& offset, bool resets);

/// The values of locals, and locals that take values.
std::vector<ir::Value> values_of(const std::vector<ir::Local>& locals);
void set_all(const std::vector<ir::Local>& locals, const std::vector<ir::Value>& values);

/// A power of an unstable loop may leave the range of a float; times a state of 0 it must stay 0.
ir::Value finite(ir::Value x);

/// Cosine and sine of the turn after which the diagonal elements of m, 2 by 2, are equal; at most 45 degrees.
std::vector<ir::Value> equal_diagonal(const std::vector<ir::Value>& m);

}  // namespace dgen::lower

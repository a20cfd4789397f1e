#pragma once
// Complex numbers as tensors of two rows, [..., 2, n]: real parts, imaginary parts. Records in src/dsp/complex.cpp.

#include "dgen/declare.h"

// clang-format off
#define DGEN_COMPLEX_OPS(op) \
  op(real) op(imag) op(complex) op(conjugate) op(complex_multiply) op(spectral_power) op(spectral_magnitude) op(spectral_phase)
// clang-format on

namespace dgen {

/// real(z), imag(z): [..., 2, n] to [..., n]. complex(re, im): [..., n] and [..., n] to [..., 2, n]. conjugate(z),
/// complex_multiply(a, b): [..., 2, n]. spectral_power(z), spectral_magnitude(z), spectral_phase(z): |z|^2, |z| and the angle in
/// radians, -pi … pi, [..., 2, n] to [..., n]; the magnitude and its gradient are 0 where z is 0, and so is the phase.
/// They throw `Error` bad_type.
DGEN_COMPLEX_OPS(DGEN_DECLARE_OP)

}  // namespace dgen

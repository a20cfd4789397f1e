#pragma once
// Discrete Fourier transforms of the last axis. Records in src/ops/fourier.cpp. Complex numbers are two rows of one tensor,
// [..., 2, n]: real parts, then imaginary parts (dgen/complex.h). Forward transforms are not scaled, inverse ones are
// divided by n, as in NumPy. Sizes n: 2^a 3^b 5^c, 2 … 2^20, of real signals even.

#include "dgen/declare.h"

#define DGEN_FOURIER_OPS(op) op(fft) op(ifft) op(rfft) op(irfft)

namespace dgen {

// These ops carry attributes, so they are records and the functions below.
#define DGEN_DECLARE_FOURIER(name) \
  namespace ops {                  \
  extern const OpDef name;         \
  }
DGEN_FOURIER_OPS(DGEN_DECLARE_FOURIER)
#undef DGEN_DECLARE_FOURIER

/// The spectrum of complex numbers. z: [..., 2, n]; gives [..., 2, n], bins 0 … n-1. Throws `Error` bad_type.
Signal fft(Signal z);
/// Back from fft. z: [..., 2, n]; gives [..., 2, n]. Throws `Error` bad_type.
Signal ifft(Signal z);
/// The spectrum of real numbers. x: [..., n]; gives [..., 2, n/2+1], bins 0 … n/2. Throws `Error` bad_type.
Signal rfft(Signal x);
/// Back from rfft: the imaginary parts of bins 0 and n/2 count as 0. z: [..., 2, n/2+1]; gives [..., n].
/// n: 0 stands for twice the bins but one. Throws `Error` bad_type.
Signal irfft(Signal z, std::int64_t n = 0);

}  // namespace dgen

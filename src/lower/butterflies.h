#pragma once
// Small discrete Fourier transforms of values, unrolled: the cells of longer ones.

#include <vector>

#include "ir/builder.h"

namespace dgen::lower {

struct Complex {
  ir::Value re, im;
};

Complex operator+(const Complex& a, const Complex& b);
Complex operator-(const Complex& a, const Complex& b);
Complex operator*(const Complex& a, const Complex& b);

/// y[k] = sum over j of x[j] exp(-2 pi i j k / r) of r = 2, 3, 4, 5, 8 or 16 values.
std::vector<Complex> butterfly(const std::vector<Complex>& x);

/// Two bins of a transform of n real numbers, k and n/2 - k.
struct MirroredBins {
  Complex low, high;
};
/// The bins of n real numbers from bins k and n/2 - k of the transform of n/2 complex ones, those of even places as real and
/// those of odd places as imaginary parts; root: exp(-2 pi i k / n). Source: Press et al., Numerical Recipes, 12.3.
MirroredBins real_from_half(const Complex& low, const Complex& high, const Complex& root);
/// Back, times two.
MirroredBins half_from_real(const Complex& low, const Complex& high, const Complex& root);

/// Vectors x[0 … r-1] (r a power of two) as one sequence x[0][0], x[1][0], …, x[r-1][0], x[0][1], …, in r vectors; and back.
std::vector<ir::Value> interleaved(const std::vector<ir::Value>& x);
std::vector<ir::Value> deinterleaved(const std::vector<ir::Value>& x);

}  // namespace dgen::lower

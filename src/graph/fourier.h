#pragma once
// Discrete Fourier transforms: which shapes and sizes they take, and what they compute, in double.

#include <complex>
#include <cstdint>
#include <span>
#include <string>

#include "dgen/op.h"

namespace dgen::fourier {

/// Longest transform: the longest window.
inline constexpr std::int64_t longest = std::int64_t{1} << 20;

constexpr bool is_real(Transform t) { return t == Transform::real_forward || t == Transform::real_inverse; }

/// Whether n is 2^a 3^b 5^c in 2 … longest, and even where asked for.
bool is_size(std::int64_t n, bool even);
/// The least such size that is at least n; `longest` for larger n.
std::int64_t size_above(std::int64_t n, bool even);

/// Why a value of this shape has no such transform of size n, for messages; empty where it has.
std::string why_not(const Shape& shape, Transform transform, std::int64_t n);
/// The shape of the transform.
Shape shape_of(const Shape& shape, Transform transform, std::int64_t n);

/// exp(2 pi i k / n), exact at eighths of a turn and within an ulp elsewhere.
std::complex<double> root_of_unity(std::int64_t k, std::int64_t n);

/// Transforms every row of the last axis (axes, where numbers are complex).
void compute(Transform transform, std::int64_t n, std::span<const double> x, std::span<double> y);

}  // namespace dgen::fourier

#pragma once
// What both forms of the Fourier step share.

#include "lower/stockham.h"

namespace dgen::lower {

/// A transform of one row: a step of several rows writes one after the other.
struct RowTransform {
  Transform kind;
  std::int64_t size;     ///< n
  std::int64_t complex;  ///< elements of the complex transform: n, or n / 2 of real numbers
  std::int64_t takes;    ///< elements of a row of the input
  std::int64_t gives;    ///< and of the result
  std::int64_t rows;

  bool inverse() const { return kind == Transform::complex_inverse || kind == Transform::real_inverse; }
  /// Inverse transforms are forward ones with real and imaginary parts exchanged, times this.
  double scale() const { return inverse() ? 1 / static_cast<double>(size) : 1; }
  Complex turned(const Complex& z) const { return inverse() ? Complex{z.im, z.re} : z; }
};

RowTransform row_transform(const Graph& graph, int id);

/// Lanes are the ticks of the block.
void write_fft_across(RowContext& rows, int id);

}  // namespace dgen::lower

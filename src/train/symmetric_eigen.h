#pragma once
// Eigenvalues and eigenvectors of small symmetric matrices.

#include <span>
#include <vector>

namespace dgen::train {

struct Eigen {
  std::vector<double> values;   ///< [n], in no particular order
  std::vector<double> vectors;  ///< [n, n]: column k belongs to value k; orthonormal
};

/// Of a symmetric matrix, [n, n]. Cyclic Jacobi rotations: every value is exact to rounding against the largest.
/// Source: Golub and Van Loan, Matrix Computations, 8.5.
Eigen symmetric_eigen(std::span<const double> matrix, int n);

}  // namespace dgen::train

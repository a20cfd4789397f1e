#include "train/symmetric_eigen.h"

#include <cmath>
#include <cstddef>

namespace dgen::train {

namespace {

/// Turns coordinates p and q of a matrix (rows and columns) and of the vectors (columns), so that entry pq becomes 0.
class Rotations {
 public:
  Rotations(std::span<const double> matrix, std::size_t n) : n_(n), a_(matrix.begin(), matrix.end()), v_(n * n) {
    for (std::size_t k = 0; k < n; ++k) v_[k * n + k] = 1;
  }

  /// The sum of the squares above the diagonal, and of the diagonal.
  double above() const {
    double sum = 0;
    for (std::size_t p = 0; p < n_; ++p)
      for (std::size_t q = p + 1; q < n_; ++q) sum += a_[p * n_ + q] * a_[p * n_ + q];
    return sum;
  }
  double diagonal() const {
    double sum = 0;
    for (std::size_t k = 0; k < n_; ++k) sum += a_[k * n_ + k] * a_[k * n_ + k];
    return sum;
  }

  void sweep() {
    for (std::size_t p = 0; p < n_; ++p)
      for (std::size_t q = p + 1; q < n_; ++q) rotate(p, q);
  }

  Eigen result() && {
    Eigen found{.values = std::vector<double>(n_), .vectors = std::move(v_)};
    for (std::size_t k = 0; k < n_; ++k) found.values[k] = a_[k * n_ + k];
    return found;
  }

 private:
  void rotate(std::size_t p, std::size_t q) {
    const double apq = a_[p * n_ + q];
    if (apq == 0) return;
    const double theta = (a_[q * n_ + q] - a_[p * n_ + p]) / (2 * apq);
    const double t = std::copysign(1 / (std::fabs(theta) + std::hypot(theta, 1.0)), theta);
    const double c = 1 / std::hypot(t, 1.0), s = t * c;
    for (std::size_t k = 0; k < n_; ++k) turn(a_[k * n_ + p], a_[k * n_ + q], c, s);
    for (std::size_t k = 0; k < n_; ++k) turn(a_[p * n_ + k], a_[q * n_ + k], c, s);
    for (std::size_t k = 0; k < n_; ++k) turn(v_[k * n_ + p], v_[k * n_ + q], c, s);
    a_[p * n_ + q] = a_[q * n_ + p] = 0;
  }
  static void turn(double& x, double& y, double c, double s) {
    const double before = x;
    x = c * before - s * y;
    y = s * before + c * y;
  }

  std::size_t n_;
  std::vector<double> a_, v_;
};

}  // namespace

Eigen symmetric_eigen(std::span<const double> matrix, int n) {
  Rotations rotations(matrix, static_cast<std::size_t>(n));
  constexpr int most_sweeps = 40;  // convergence is quadratic: six to ten do
  for (int sweep = 0; sweep < most_sweeps && rotations.above() > 1e-32 * rotations.diagonal(); ++sweep) rotations.sweep();
  return std::move(rotations).result();
}

}  // namespace dgen::train

#include "dgen/windows.h"

#include <cmath>
#include <string>

#include "dgen/error.h"
#include "dgen/math.h"

namespace dgen {

namespace {

/// Frames of a period of the window.
double checked_period(std::int64_t size, bool symmetric) {
  constexpr std::int64_t longest = 1 << 20;
  if (size < 1 || size > longest) {
    throw Error(ErrorCode::bad_value,
                "window_function: the size is " + std::to_string(size) + " frames; it must be 1 … " + std::to_string(longest));
  }
  return static_cast<double>(symmetric && size > 1 ? size - 1 : size);
}

/// Modified Bessel function of the first kind and order 0, by its series, whose terms are all positive.
double bessel_i0(double x) {
  double term = 1, total = 1;
  for (double k = 1; term > 1e-17 * total; ++k) {
    term *= x * x / (4 * k * k);
    total += term;
  }
  return total;
}

}  // namespace

std::vector<double> window_function(WindowFunction function, std::int64_t size, bool symmetric) {
  const double period = checked_period(size, symmetric);
  struct Cosines {
    double constant, first, second;
  };
  const auto cosines = [&]() -> Cosines {
    switch (function) {
      case WindowFunction::rectangular: return {1, 0, 0};
      case WindowFunction::hann: return {0.5, 0.5, 0};
      case WindowFunction::hamming: return {0.54, 0.46, 0};
      case WindowFunction::blackman: return {0.42, 0.5, 0.08};
    }
    return {};
  }();
  std::vector<double> weights;
  for (std::int64_t n = 0; n < size; ++n) {
    const double angle = two_pi * static_cast<double>(n) / period;
    weights.push_back(cosines.constant - cosines.first * std::cos(angle) + cosines.second * std::cos(2 * angle));
  }
  return weights;
}

std::vector<double> window_function(const Kaiser& kaiser, std::int64_t size, bool symmetric) {
  const double period = checked_period(size, symmetric);
  if (!(kaiser.beta >= 0 && kaiser.beta <= 700)) {
    throw Error(ErrorCode::bad_value,
                "window_function: Kaiser's beta is " + std::to_string(kaiser.beta) + "; it must be 0 … 700");
  }
  if (size == 1) return {1};
  std::vector<double> weights;
  for (std::int64_t n = 0; n < size; ++n) {
    const double place = 2 * static_cast<double>(n) / period - 1;
    weights.push_back(bessel_i0(kaiser.beta * std::sqrt(std::fmax(0, 1 - place * place))) / bessel_i0(kaiser.beta));
  }
  return weights;
}

}  // namespace dgen

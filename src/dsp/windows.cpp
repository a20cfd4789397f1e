#include "dgen/windows.h"

#include <cmath>
#include <string>

#include "dgen/error.h"
#include "dgen/math.h"

namespace dgen {

std::vector<double> window_function(WindowFunction function, std::int64_t size, bool symmetric) {
  constexpr std::int64_t longest = 1 << 20;
  if (size < 1 || size > longest) {
    throw Error(ErrorCode::bad_value,
                "window_function: the size is " + std::to_string(size) + " frames; it must be 1 … " + std::to_string(longest));
  }
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
  const double period = static_cast<double>(symmetric && size > 1 ? size - 1 : size);
  std::vector<double> weights;
  for (std::int64_t n = 0; n < size; ++n) {
    const double angle = two_pi * static_cast<double>(n) / period;
    weights.push_back(cosines.constant - cosines.first * std::cos(angle) + cosines.second * std::cos(2 * angle));
  }
  return weights;
}

}  // namespace dgen

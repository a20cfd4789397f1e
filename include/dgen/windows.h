#pragma once
// Window functions: weights of the frames that a short spectrum sees.

#include <cstdint>
#include <vector>

namespace dgen {

/// Weights of the frames of a window. Source: Harris 1978.
enum class WindowFunction : std::uint8_t { rectangular, hann, hamming, blackman };

/// The weights. periodic: of a period of `size` frames; symmetric: the last equals the first. size: 1 … 2^20.
/// Throws `Error` bad_value.
std::vector<double> window_function(WindowFunction function, std::int64_t size, bool symmetric = false);

/// Nearly the most energy in the main lobe of its spectrum; a larger beta widens it and lowers the side lobes. 0: rectangular;
/// 5: close to Hamming; 8.6: close to Blackman.
struct Kaiser {
  double beta = 8.6;  ///< 0 … 700
};

/// Its weights. size: 1 … 2^20. Throws `Error` bad_value. Source: Kaiser 1974.
std::vector<double> window_function(const Kaiser& kaiser, std::int64_t size, bool symmetric = false);

}  // namespace dgen

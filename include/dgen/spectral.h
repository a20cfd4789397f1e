#pragma once
// Spectra and what is measured on them. Records and expansions in src/dsp/spectral.cpp.

#include <cstdint>
#include <vector>

#include "dgen/declare.h"
#include "dgen/reduction.h"
#include "dgen/tensor.h"

#define DGEN_SPECTRAL_OPS(op) op(magnitude) op(spectral_loss)

namespace dgen {

#define DGEN_DECLARE_SPECTRAL(name) \
  namespace ops {                   \
  extern const OpDef name;          \
  }
DGEN_SPECTRAL_OPS(DGEN_DECLARE_SPECTRAL)
#undef DGEN_DECLARE_SPECTRAL

/// Weights of the frames of a window. Source: Harris 1978.
enum class WindowFunction : std::uint8_t { rectangular, hann, hamming, blackman };

/// The weights. periodic: of a period of `size` frames; symmetric: the last equals the first. size: 1 … 2^20.
/// Throws `Error` bad_value.
std::vector<double> window_function(WindowFunction function, std::int64_t size, bool symmetric = false);

/// Length of the complex number (re, im). Value and gradient are 0 at (0, 0). Any shapes that broadcast.
Signal magnitude(Operand re, Operand im);

/// What a window sees before frame 0.
enum class Padding : std::uint8_t {
  left,  ///< zeros: every tick counts, also those whose window begins before frame 0
  none,  ///< nothing: only ticks whose window begins at frame 0 or later count
};

/// Errors of magnitudes: their absolute values or their squares.
enum class Norm : std::uint8_t { l1, l2 };

/// Factor on the magnitudes: 1, or 1 / sqrt(window), which keeps the energy of the frames.
enum class Normalisation : std::uint8_t { none, orthonormal };

struct SpectralLoss {
  std::int64_t window = 64;  ///< frames, even, 2 … 8192
  std::int64_t hop = 1;      ///< frames between windows
  WindowFunction window_function = WindowFunction::rectangular;
  bool symmetric = false;  ///< of the window function; else periodic
  Padding padding = Padding::left;
  Norm norm = Norm::l2;
  Normalisation normalisation = Normalisation::none;
  Reduction reduction = Reduction::mean;  ///< over the windows that count; none: one value a window, on the hop clock
};

/// Distance of the spectra of x and target: at every tick of `hop`, of the DFT of the last `window` frames the errors of
/// the magnitudes, |X| - |T|, summed over bins 0 … window/2. Linear magnitudes; their gradient is 0 where they are 0, so
/// silence gives no NaN. x, target: frame; gives one value a segment, or hop (reduction none). The DFT is a product with a
/// constant matrix: window · (window + 2) multiplications a tick. Where no window counts, the mean is 0.
/// Throws `Error` bad_value, limit_exceeded.
Signal spectral_loss(Operand x, Operand target, const SpectralLoss& options = {});

}  // namespace dgen

#pragma once
// Spectra and what is measured on them. Records in src/dsp/spectral.cpp. Losses of several resolutions and on mel bands are
// in dgen/stft_losses.h.

#include <cstdint>

#include "dgen/declare.h"
#include "dgen/reduction.h"
#include "dgen/tensor.h"
#include "dgen/windows.h"

#define DGEN_SPECTRAL_OPS(op) op(magnitude) op(spectral_loss) op(stft_loss) op(mel_loss)

namespace dgen {

#define DGEN_DECLARE_SPECTRAL(name) \
  namespace ops {                   \
  extern const OpDef name;          \
  }
DGEN_SPECTRAL_OPS(DGEN_DECLARE_SPECTRAL)
#undef DGEN_DECLARE_SPECTRAL

/// Length of the complex number (re, im). Value and gradient are 0 at (0, 0). Any shapes that broadcast.
Signal magnitude(Operand re, Operand im);

/// Where windows lie about their ticks, and what they see outside the segment.
enum class Padding : std::uint8_t {
  left,    ///< the last frames; zeros before frame 0: every tick counts, also those whose window begins before it
  none,    ///< the last frames; only ticks whose window begins at frame 0 or later count
  center,  ///< the tick in the middle: frame number window/2 of its window; zeros at both ends. Looks ahead: segments only
};

/// What of a spectrum is compared. log: of the magnitude, or the floor where that is larger; smooth_log: of
/// sqrt(magnitude² + floor²), so that nothing jumps where a bin falls silent.
enum class MagnitudeScale : std::uint8_t { linear, log, smooth_log };

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
  MagnitudeScale scale = MagnitudeScale::linear;
  double floor = 1e-5;  ///< of the logarithms, 1e-12 … 1; on magnitudes as the normalisation makes them
};

/// Distance of the spectra of x and target: at every tick of `hop`, of the DFT of `window` frames the errors of the
/// magnitudes on their scale, summed over bins 0 … window/2. Gradients are 0 where a magnitude is 0, so silence gives no NaN.
/// x, target: frame; gives one value a segment, or hop (reduction none). Where no window counts, the mean is 0.
/// Throws `Error` bad_value, limit_exceeded; with padding center, compile() of an output that needs it throws bad_value.
Signal spectral_loss(Operand x, Operand target, const SpectralLoss& options = {});

}  // namespace dgen

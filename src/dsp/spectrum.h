#pragma once
// Short spectra as nodes: what the losses on spectra are made of.

#include <cstdint>

#include "dgen/spectral.h"

namespace dgen::dsp {

/// Which windows of a signal are looked at, and how.
struct ShortSpectra {
  std::int64_t fft = 64;     ///< points of the transform, even
  std::int64_t window = 64;  ///< frames that the window function weighs; less than `fft`: zeros before them
  std::int64_t hop = 1;
  WindowFunction window_function = WindowFunction::rectangular;
  bool symmetric = false;
  bool centred = false;  ///< windows begin fft/2 frames before their tick, not fft - 1
  double factor = 1;     ///< on the spectra
};

/// |X|² of bins 0 … fft/2 at every tick. x: frame; gives hop [fft/2 + 1].
Signal power_spectra(Signal x, const ShortSpectra& options);

/// sqrt(power), value and gradient 0 at 0.
Signal root_of_power(Signal power);

/// Per tick: 1 where a whole window lies behind frame 0, else 0.
Signal whole_windows(Graph& g, const ShortSpectra& options);

/// A loss of a window, reduced over the windows that count: all, or the whole ones.
Signal over_windows(Signal per_window, Padding padding, Reduction reduction, const ShortSpectra& options);

}  // namespace dgen::dsp

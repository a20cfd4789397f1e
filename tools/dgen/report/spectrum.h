#pragma once
// Spectra of sounds, for pictures: powers by frequency, and over time.

#include <complex>
#include <span>
#include <vector>

#include "dgen/audio.h"
#include "dgen/report/png.h"

namespace dgen::report {

/// Discrete Fourier transform in place. The size is a power of two. Source: Cooley and Tukey 1965.
void transform(std::span<std::complex<double>> x);

/// Frequencies on a logarithmic axis.
struct Frequencies {
  double lowest = 20;      ///< Hz
  double highest = 20000;  ///< Hz
};

/// What the axis of a sound of this rate shows: up to half the rate, down to 30 Hz where that leaves three octaves.
Frequencies frequencies_of(double sample_rate);

/// Powers of a sound over time: [row][column], row 0 the highest frequency. Windows are Hann, about 43 ms; a sine of full
/// scale has power 1. All channels count as their mean.
struct Spectrogram {
  int rows = 0, columns = 0;
  std::vector<double> power{};
};
Spectrogram spectrogram(const AudioBuffer& audio, int columns, int rows);

/// Powers averaged over the whole sound, by band of a third of an octave, and the centres of the bands in Hz.
struct Bands {
  std::vector<double> centre_hz{};
  std::vector<double> power{};
};
Bands average_spectrum(const AudioBuffer& audio);

/// The spectrogram in decibels from `loudest` down `range_db`, dark to bright.
Picture picture_of(const Spectrogram& spectrogram, double loudest, double range_db);

}  // namespace dgen::report

#pragma once
// Losses on spectra of several resolutions, and on mel bands. Records in src/dsp/spectral.cpp.

#include <cstdint>
#include <vector>

#include "dgen/spectral.h"

namespace dgen {

/// One resolution of short spectra.
struct StftResolution {
  std::int64_t fft = 1024;    ///< points of the transform, even, 2 … 8192
  std::int64_t hop = 120;     ///< frames between windows
  std::int64_t window = 600;  ///< frames that the window function weighs, 2 … fft; zeros before them fill the transform
};

/// What is compared of the magnitudes M = sqrt(max(|X|², floor²)) of x and T of the target, and with which weights.
struct MagnitudeTerms {
  double spectral_convergence = 1;  ///< of ‖M − T‖ / ‖T‖, Frobenius norms over windows and bins
  double log_magnitude = 1;         ///< of the mean of |log M − log T|, or of its square
  double linear_magnitude = 0;      ///< of the mean of |M − T|, or of its square
  Norm norm = Norm::l1;             ///< of the two means
  double floor = 1e-4;              ///< 1e-12 … 1; below it a magnitude has no gradient
};

struct StftLoss {
  StftResolution resolution{};
  MagnitudeTerms terms{};
  WindowFunction window_function = WindowFunction::hann;  ///< periodic
  Padding padding = Padding::none;
};

/// Spectral convergence, errors of log magnitudes, errors of magnitudes: at one resolution. Means are over bins and the
/// windows that count; where none does, the loss is 0. x, target: frame; gives one value a segment.
/// Throws `Error` bad_value naming the option. Source: Yamamoto, Song, Kim 2020, Parallel WaveGAN.
Signal stft_loss(Operand x, Operand target, const StftLoss& options = {});

struct MultiResolutionStftLoss {
  std::vector<StftResolution> resolutions{{1024, 120, 600}, {2048, 240, 1200}, {512, 50, 240}};
  MagnitudeTerms terms{};
  WindowFunction window_function = WindowFunction::hann;  ///< periodic
  Padding padding = Padding::none;
};

/// The mean of `stft_loss` over several resolutions. Resolutions, weights and floor are those of auraloss 0.4; it pads
/// segments by reflection, which here is zeros (padding center) or nothing. Throws as `stft_loss`, and bad_value for no
/// resolution. Source: Yamamoto, Song, Kim 2020; Steinmetz and Reiss 2020, auraloss.
Signal multi_resolution_stft_loss(Operand x, Operand target, const MultiResolutionStftLoss& options = {});

struct MultiScaleSpectralLoss {
  std::vector<std::int64_t> sizes{2048, 1024, 512, 256, 128, 64};  ///< frames of a window; every quarter of it there is one
  double magnitude = 1, log_magnitude = 1;                         ///< weights
  Norm norm = Norm::l1;
  double floor = 1e-5;
  Padding padding = Padding::none;
};

/// The multi-scale spectral loss of DDSP: the sum over sizes of the means of errors of Hann-windowed magnitudes and of their
/// logarithms. Throws as `stft_loss`, and bad_value for no size or one that is no multiple of 4.
/// Source: Engel, Hantrakul, Gu, Roberts 2020, DDSP: Differentiable Digital Signal Processing.
Signal multi_scale_spectral_loss(Operand x, Operand target, const MultiScaleSpectralLoss& options = {});

/// The mel scale. slaney: linear up to 1 kHz, logarithmic above, as in Slaney's Auditory Toolbox and librosa;
/// htk: 2595 log10(1 + f / 700).
enum class MelScale : std::uint8_t { slaney, htk };

struct MelBands {
  double sample_rate = 0;  ///< Hz; must be given, as the bands are laid out when the graph is built
  std::int64_t bands = 80;
  double low_hz = 0, high_hz = 0;  ///< edges of the lowest and the highest band; high_hz 0: half the sample rate
  MelScale scale = MelScale::slaney;
  bool equal_area = true;  ///< triangles of area 1 (their height falls as they widen); else of height 1
};

/// Triangular weights of the bins 0 … fft/2, [bands, fft/2 + 1], a row a band; neighbours overlap by half, equally spaced on
/// the mel scale. Throws `Error` bad_value naming the option; also where a band lies between two bins and would be empty.
std::vector<double> mel_filters(std::int64_t fft, const MelBands& bands);

struct MelLoss {
  StftResolution resolution{1024, 256, 1024};
  MelBands mel{};
  bool logarithmic = false;  ///< compare log(max(band, floor))
  Norm norm = Norm::l1;
  double floor = 1e-5;
  WindowFunction window_function = WindowFunction::hann;  ///< periodic
  Padding padding = Padding::none;
};

/// The mean error of mel bands, sums of magnitudes by triangular weights, over bands and the windows that count; where none
/// does, 0. x, target: frame; gives one value a segment. Throws `Error` bad_value naming the option.
/// Source: Davis and Mermelstein 1980; log-mel as in Kong, Kim, Bae 2020, HiFi-GAN.
Signal mel_loss(Operand x, Operand target, const MelLoss& options);

}  // namespace dgen

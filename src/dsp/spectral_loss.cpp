#include "dsp/spectral_loss.h"

#include <cmath>
#include <string>

#include "dgen/math.h"
#include "dsp/options.h"
#include "dsp/spectrum.h"

namespace dgen {

namespace dsp {

namespace {

SpectralLoss options_of(std::span<const Signal> x) {
  const Options options(ops::spectral_loss, x);
  const std::int64_t window = options.whole("window", 2, 8192);
  if (window % 2 != 0) options.refuse("the window has " + std::to_string(window) + " frames; it must be even");
  return {.window = window,
          .hop = options.whole("hop", 1, 1 << 20),
          .window_function = options.choice("window_function", WindowFunction::blackman),
          .symmetric = options.flag("symmetric"),
          .padding = options.choice("padding", Padding::center),
          .norm = options.choice("norm", Norm::l2),
          .normalisation = options.choice("normalisation", Normalisation::orthonormal),
          .reduction = options.choice("reduction", Reduction::none),
          .scale = options.choice("scale", MagnitudeScale::smooth_log),
          .floor = options.number("floor", smallest_floor, 1)};
}

ShortSpectra spectra_of(const SpectralLoss& options) {
  const bool orthonormal = options.normalisation == Normalisation::orthonormal;
  return {.fft = options.window,
          .window = options.window,
          .hop = options.hop,
          .window_function = options.window_function,
          .symmetric = options.symmetric,
          .centred = options.padding == Padding::center,
          .factor = orthonormal ? 1 / std::sqrt(static_cast<double>(options.window)) : 1};
}

/// Magnitudes on the scale of the loss. Logarithms are of the power: no root where none is needed.
Signal scaled_magnitudes(Signal power, const SpectralLoss& options) {
  const double least = options.floor * options.floor;
  switch (options.scale) {
    case MagnitudeScale::linear: return root_of_power(power);
    case MagnitudeScale::log: return 0.5 * log(max(power, least));
    case MagnitudeScale::smooth_log: return 0.5 * log(power + least);
  }
  return {};
}

}  // namespace

Signal expand_spectral_loss(Graph&, std::span<const Signal> x) {
  const SpectralLoss options = options_of(x);
  const ShortSpectra spectra = spectra_of(options);
  const auto magnitudes = [&](Signal of) { return scaled_magnitudes(power_spectra(of, spectra), options); };
  const Signal error = magnitudes(x[0]) - magnitudes(x[1]);
  const Signal loss = sum(options.norm == Norm::l2 ? error * error : abs(error));
  return over_windows(loss, options.padding, options.reduction, spectra);
}

}  // namespace dsp

Signal spectral_loss(Operand x, Operand target, const SpectralLoss& o) {
  return dsp::add_with_options(ops::spectral_loss, x, target,
                               {{"window", o.window},
                                {"hop", o.hop},
                                {"window_function", o.window_function},
                                {"symmetric", o.symmetric},
                                {"padding", o.padding},
                                {"norm", o.norm},
                                {"normalisation", o.normalisation},
                                {"reduction", o.reduction},
                                {"scale", o.scale},
                                {"floor", o.floor}});
}

}  // namespace dgen

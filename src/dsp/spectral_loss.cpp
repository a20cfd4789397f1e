#include "dsp/spectral_loss.h"

#include <array>
#include <cmath>
#include <string>

#include "base/text.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dsp/build_time.h"
#include "dsp/spectrum.h"

namespace dgen {

namespace dsp {

namespace {

/// The options of a spectral_loss node, from its constant inputs behind x and target.
SpectralLoss options_of(std::span<const Signal> x) {
  const auto number = [&](std::size_t k, const char* what, std::int64_t lo, std::int64_t hi) {
    return whole_number(x[k], "spectral_loss: " + std::string(what), lo, hi);
  };
  SpectralLoss made{.window = number(2, "window", 2, 8192), .hop = number(3, "hop", 1, 1 << 20)};
  if (made.window % 2 != 0) {
    throw Error(ErrorCode::bad_value,
                "spectral_loss: the window has " + std::to_string(made.window) + " frames; it must be even");
  }
  made.window_function = static_cast<WindowFunction>(number(4, "window_function", 0, 3));
  made.symmetric = number(5, "symmetric", 0, 1) == 1;
  made.padding = static_cast<Padding>(number(6, "padding", 0, 2));
  made.norm = static_cast<Norm>(number(7, "norm", 0, 1));
  made.normalisation = static_cast<Normalisation>(number(8, "normalisation", 0, 1));
  made.reduction = static_cast<Reduction>(number(9, "reduction", 0, 2));
  made.scale = static_cast<MagnitudeScale>(number(10, "scale", 0, 2));
  made.floor = constant_value(x[11], "spectral_loss: floor");
  if (!(made.floor > 0 && made.floor <= 1)) {
    throw Error(ErrorCode::bad_value, "spectral_loss: floor must be above 0 and at most 1, got " + base::number_text(made.floor));
  }
  return made;
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
  const auto number = [](auto value) { return Operand(static_cast<double>(value)); };
  const std::array<Operand, 12> inputs{x,
                                       target,
                                       number(o.window),
                                       number(o.hop),
                                       number(o.window_function),
                                       number(o.symmetric),
                                       number(o.padding),
                                       number(o.norm),
                                       number(o.normalisation),
                                       number(o.reduction),
                                       number(o.scale),
                                       number(o.floor)};
  return add_node(x.signal ? x.signal.graph : target.signal.graph, ops::spectral_loss, inputs);
}

}  // namespace dgen

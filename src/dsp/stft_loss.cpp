// Losses on spectra of one or more resolutions.

#include <string>

#include "base/index.h"
#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/stft_losses.h"
#include "dgen/time.h"
#include "dsp/options.h"
#include "dsp/spectral_loss.h"
#include "dsp/spectrum.h"

namespace dgen {

namespace dsp {

namespace {

/// The options that stft_loss and mel_loss share.
ShortSpectra spectra_of(const Options& options) {
  const std::int64_t fft = options.whole("fft", 2, 8192);
  if (fft % 2 != 0) options.refuse("the transform has " + std::to_string(fft) + " points; it must be even");
  return {.fft = fft,
          .window = options.whole("window", 2, fft),
          .hop = options.whole("hop", 1, 1 << 20),
          .window_function = options.choice("window_function", WindowFunction::blackman),
          .centred = options.choice("padding", Padding::center) == Padding::center};
}

constexpr double largest_weight = 1e9;

/// Sums over the segment of what counts.
class Windows {
 public:
  Windows(Graph& g, Padding padding, const ShortSpectra& spectra)
      : all_(padding != Padding::none), counts_(whole_windows(g, spectra)) {}

  Signal total(Signal per_bin) const {
    const Signal per_window = sum(per_bin);
    return ops::time_sum(all_ ? per_window : select(counts_, per_window, 0.0));
  }
  /// 0 where no window counts.
  Signal mean(Signal per_bin) const {
    const Graph& g = *per_bin.graph;
    const Shape& shape = g[per_bin.id].type.shape;  // bins are the last axis; lanes go before
    const double bins = shape.extent[at(shape.rank - 1)];
    const Signal windows = ops::time_sum(all_ ? gte(counts_, 0.0) : counts_);
    return total(per_bin) / (bins * max(windows, 1.0));
  }

 private:
  bool all_;
  Signal counts_;
};

Signal error_of(Signal difference, Norm norm) { return norm == Norm::l2 ? difference * difference : abs(difference); }

Signal plus(Signal sum, Signal term) { return sum ? sum + term : term; }

}  // namespace

Signal expand_stft_loss(Graph& g, std::span<const Signal> x) {
  const Options options(ops::stft_loss, x);
  const ShortSpectra spectra = spectra_of(options);
  const MagnitudeTerms terms{.spectral_convergence = options.number("spectral_convergence", 0, largest_weight),
                             .log_magnitude = options.number("log_magnitude", 0, largest_weight),
                             .linear_magnitude = options.number("linear_magnitude", 0, largest_weight),
                             .norm = options.choice("norm", Norm::l2),
                             .floor = options.number("floor", smallest_floor, 1)};
  const Windows windows(g, options.choice("padding", Padding::center), spectra);
  const double least = terms.floor * terms.floor;
  const Signal power = max(power_spectra(x[0], spectra), least), target_power = max(power_spectra(x[1], spectra), least);
  const Signal target = sqrt(target_power), difference = sqrt(power) - target;
  Signal per_bin{}, loss{};
  if (terms.log_magnitude > 0) per_bin = terms.log_magnitude * error_of(0.5 * log(power) - 0.5 * log(target_power), terms.norm);
  if (terms.linear_magnitude > 0) per_bin = plus(per_bin, terms.linear_magnitude * error_of(difference, terms.norm));
  if (per_bin) loss = windows.mean(per_bin);
  if (terms.spectral_convergence > 0) {
    const Signal energy = max(windows.total(target * target), least);  // of no window: 0
    loss = plus(loss, terms.spectral_convergence * root_of_power(windows.total(difference * difference) / energy));
  }
  return loss ? loss : g.constant(0);
}

Signal expand_mel_loss(Graph& g, std::span<const Signal> x) {
  const Options options(ops::mel_loss, x);
  const ShortSpectra spectra = spectra_of(options);
  const MelBands mel{.sample_rate = options.number("sample_rate", 1, 1e7),
                     .bands = options.whole("bands", 1, 1024),
                     .low_hz = options.number("low_hz", 0, 1e7),
                     .high_hz = options.number("high_hz", 0, 1e7),
                     .scale = options.choice("mel_scale", MelScale::htk),
                     .equal_area = options.flag("equal_area")};
  const bool logarithmic = options.flag("logarithmic");
  const Norm norm = options.choice("norm", Norm::l2);
  const double floor = options.number("floor", smallest_floor, 1);
  const auto bins = static_cast<std::int32_t>(spectra.fft / 2 + 1);
  const Signal filters = tensor(g, mel_filters(spectra.fft, mel), extents({static_cast<std::int32_t>(mel.bands), bins}));
  const auto bands = [&](Signal of) {
    const Signal sums = linear(root_of_power(power_spectra(of, spectra)), filters);
    return logarithmic ? log(max(sums, floor)) : sums;
  };
  return Windows(g, options.choice("padding", Padding::center), spectra).mean(error_of(bands(x[0]) - bands(x[1]), norm));
}

}  // namespace dsp

Signal stft_loss(Operand x, Operand target, const StftLoss& o) {
  return dsp::add_with_options(ops::stft_loss, x, target,
                               {{"fft", o.resolution.fft},
                                {"hop", o.resolution.hop},
                                {"window", o.resolution.window},
                                {"window_function", o.window_function},
                                {"padding", o.padding},
                                {"spectral_convergence", o.terms.spectral_convergence},
                                {"log_magnitude", o.terms.log_magnitude},
                                {"linear_magnitude", o.terms.linear_magnitude},
                                {"norm", o.terms.norm},
                                {"floor", o.terms.floor}});
}

Signal multi_resolution_stft_loss(Operand x, Operand target, const MultiResolutionStftLoss& o) {
  if (o.resolutions.empty()) throw Error(ErrorCode::bad_value, "multi_resolution_stft_loss: there is no resolution");
  Signal total{};
  for (const StftResolution& resolution : o.resolutions) {
    const StftLoss one{.resolution = resolution, .terms = o.terms, .window_function = o.window_function, .padding = o.padding};
    total = dsp::plus(total, stft_loss(x, target, one));
  }
  return total * (1.0 / static_cast<double>(o.resolutions.size()));
}

Signal multi_scale_spectral_loss(Operand x, Operand target, const MultiScaleSpectralLoss& o) {
  if (o.sizes.empty()) throw Error(ErrorCode::bad_value, "multi_scale_spectral_loss: there is no size");
  Signal total{};
  for (const std::int64_t size : o.sizes) {
    if (size % 4 != 0) {
      throw Error(ErrorCode::bad_value, "multi_scale_spectral_loss: the size is " + std::to_string(size) +
                                            " frames; it must be a multiple of 4, as windows overlap by three quarters");
    }
    const StftLoss one{.resolution = {size, size / 4, size},
                       .terms = {.spectral_convergence = 0,
                                 .log_magnitude = o.log_magnitude,
                                 .linear_magnitude = o.magnitude,
                                 .norm = o.norm,
                                 .floor = o.floor},
                       .padding = o.padding};
    total = dsp::plus(total, stft_loss(x, target, one));
  }
  return total;
}

Signal mel_loss(Operand x, Operand target, const MelLoss& o) {
  return dsp::add_with_options(ops::mel_loss, x, target,
                               {{"fft", o.resolution.fft},
                                {"hop", o.resolution.hop},
                                {"window", o.resolution.window},
                                {"window_function", o.window_function},
                                {"padding", o.padding},
                                {"sample_rate", o.mel.sample_rate},
                                {"bands", o.mel.bands},
                                {"low_hz", o.mel.low_hz},
                                {"high_hz", o.mel.high_hz},
                                {"mel_scale", o.mel.scale},
                                {"equal_area", o.mel.equal_area},
                                {"logarithmic", o.logarithmic},
                                {"norm", o.norm},
                                {"floor", o.floor}});
}

}  // namespace dgen

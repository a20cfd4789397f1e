// Losses on spectra of one or more resolutions.

#include <array>
#include <string>

#include "base/index.h"
#include "base/text.h"
#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/stft_losses.h"
#include "dgen/time.h"
#include "dsp/build_time.h"
#include "dsp/spectral_loss.h"
#include "dsp/spectrum.h"

namespace dgen {

namespace dsp {

namespace {

/// Constant inputs of a record behind x and target, by place.
class Options {
 public:
  Options(std::span<const Signal> inputs, std::string op) : inputs_(inputs), op_(std::move(op)) {}

  std::int64_t whole(std::size_t k, const char* what, std::int64_t lo, std::int64_t hi) const {
    return whole_number(inputs_[k], op_ + ": " + what, lo, hi);
  }
  double number(std::size_t k, const char* what, double lo, double hi) const {
    const double value = constant_value(inputs_[k], op_ + ": " + what);
    if (value >= lo && value <= hi) return value;
    throw Error(ErrorCode::bad_value, op_ + ": " + what + " must be in " + base::number_text(lo) + " … " + base::number_text(hi) +
                                          ", got " + base::number_text(value));
  }
  /// fft, hop, window, window_function, padding from place 2 on.
  ShortSpectra spectra() const {
    const std::int64_t fft = whole(2, "fft", 2, 8192);
    if (fft % 2 != 0)
      throw Error(ErrorCode::bad_value, op_ + ": the transform has " + std::to_string(fft) + " points; it must be even");
    return {.fft = fft,
            .window = whole(4, "window", 2, fft),
            .hop = whole(3, "hop", 1, 1 << 20),
            .window_function = static_cast<WindowFunction>(whole(5, "window_function", 0, 3)),
            .centred = padding() == Padding::center};
  }
  Padding padding() const { return static_cast<Padding>(whole(6, "padding", 0, 2)); }

 private:
  std::span<const Signal> inputs_;
  std::string op_;
};

constexpr double smallest_floor = 1e-12;

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
  const Options options(x, "stft_loss");
  const ShortSpectra spectra = options.spectra();
  const MagnitudeTerms terms{.spectral_convergence = options.number(7, "spectral_convergence", 0, 1e9),
                             .log_magnitude = options.number(8, "log_magnitude", 0, 1e9),
                             .linear_magnitude = options.number(9, "linear_magnitude", 0, 1e9),
                             .norm = static_cast<Norm>(options.whole(10, "norm", 0, 1)),
                             .floor = options.number(11, "floor", smallest_floor, 1)};
  const Windows windows(g, options.padding(), spectra);
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
  const Options options(x, "mel_loss");
  const ShortSpectra spectra = options.spectra();
  const MelBands mel{.sample_rate = options.number(7, "sample_rate", 1, 1e7),
                     .bands = options.whole(8, "bands", 1, 1024),
                     .low_hz = options.number(9, "low_hz", 0, 1e7),
                     .high_hz = options.number(10, "high_hz", 0, 1e7),
                     .scale = static_cast<MelScale>(options.whole(11, "mel_scale", 0, 1)),
                     .equal_area = options.whole(12, "equal_area", 0, 1) == 1};
  const bool logarithmic = options.whole(13, "logarithmic", 0, 1) == 1;
  const Norm norm = static_cast<Norm>(options.whole(14, "norm", 0, 1));
  const double floor = options.number(15, "floor", smallest_floor, 1);
  const auto bins = static_cast<std::int32_t>(spectra.fft / 2 + 1);
  const Signal filters = tensor(g, mel_filters(spectra.fft, mel), extents({static_cast<std::int32_t>(mel.bands), bins}));
  const auto bands = [&](Signal of) {
    const Signal sums = linear(root_of_power(power_spectra(of, spectra)), filters);
    return logarithmic ? log(max(sums, floor)) : sums;
  };
  return Windows(g, options.padding(), spectra).mean(error_of(bands(x[0]) - bands(x[1]), norm));
}

}  // namespace dsp

namespace {

Operand number(double value) { return value; }
Operand number(std::int64_t value) { return static_cast<double>(value); }
Operand number(bool value) { return value ? 1.0 : 0.0; }
template <class T>
requires std::is_enum_v<T> Operand number(T value) { return static_cast<double>(value); }

Graph* graph_of(const Operand& x, const Operand& target) { return x.signal ? x.signal.graph : target.signal.graph; }

}  // namespace

Signal stft_loss(Operand x, Operand target, const StftLoss& o) {
  const auto& [fft, hop, window] = o.resolution;
  const std::array inputs{x,
                          target,
                          number(fft),
                          number(hop),
                          number(window),
                          number(o.window_function),
                          number(o.padding),
                          number(o.terms.spectral_convergence),
                          number(o.terms.log_magnitude),
                          number(o.terms.linear_magnitude),
                          number(o.terms.norm),
                          number(o.terms.floor)};
  return add_node(graph_of(x, target), ops::stft_loss, inputs);
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
  const auto& [fft, hop, window] = o.resolution;
  const std::array inputs{x,
                          target,
                          number(fft),
                          number(hop),
                          number(window),
                          number(o.window_function),
                          number(o.padding),
                          number(o.mel.sample_rate),
                          number(o.mel.bands),
                          number(o.mel.low_hz),
                          number(o.mel.high_hz),
                          number(o.mel.scale),
                          number(o.mel.equal_area),
                          number(o.logarithmic),
                          number(o.norm),
                          number(o.floor)};
  return add_node(graph_of(x, target), ops::mel_loss, inputs);
}

}  // namespace dgen

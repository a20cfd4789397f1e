#include "dgen/spectral_spec.h"

#include <algorithm>

namespace dgen::tool {

namespace {

using Pairs = std::vector<LossPair>;

WindowFunction window_function_of(const LossPair& pair) {
  return loss_choice<WindowFunction, 4>(
      pair, {"hann", "hamming", "blackman", "rectangular"},
      {WindowFunction::hann, WindowFunction::hamming, WindowFunction::blackman, WindowFunction::rectangular});
}

Padding padding_of(const LossPair& pair) {
  return loss_choice<Padding, 3>(pair, {"none", "left", "center"}, {Padding::none, Padding::left, Padding::center});
}

Norm norm_of(const LossPair& pair) { return loss_choice<Norm, 2>(pair, {"l2", "l1"}, {Norm::l2, Norm::l1}); }

double number_of(const LossPair& pair) { return loss_number(pair.key, pair.value); }

/// What several of them take.
template <class Options>
bool common_key(const LossPair& pair, Options& options) {
  if constexpr (requires { options.padding; }) {
    if (pair.key == "padding") return options.padding = padding_of(pair), true;
  }
  if constexpr (requires { options.window_function; }) {
    if (pair.key == "window-function") return options.window_function = window_function_of(pair), true;
  }
  if constexpr (requires { options.norm; }) {
    if (pair.key == "norm") return options.norm = norm_of(pair), true;
  }
  if constexpr (requires { options.floor; }) {
    if (pair.key == "floor") return options.floor = number_of(pair), true;
  }
  return false;
}

SpectralLoss read_spectral(const std::string& name, const Pairs& pairs) {
  SpectralLoss options{.window = 1024,
                       .hop = 0,
                       .window_function = WindowFunction::hann,
                       .padding = Padding::none,
                       .normalisation = Normalisation::orthonormal};
  for (const LossPair& pair : pairs) {
    if (common_key(pair, options)) continue;
    if (pair.key == "window")
      options.window = loss_window(pair);
    else if (pair.key == "hop")
      options.hop = loss_hop(pair);
    else if (pair.key == "normalisation")
      options.normalisation =
          loss_choice<Normalisation, 2>(pair, {"orthonormal", "none"}, {Normalisation::orthonormal, Normalisation::none});
    else if (pair.key == "scale")
      options.scale = loss_choice<MagnitudeScale, 3>(pair, {"linear", "log", "smooth-log"},
                                                     {MagnitudeScale::linear, MagnitudeScale::log, MagnitudeScale::smooth_log});
    else if (pair.key == "reduction")
      options.reduction = loss_choice<Reduction, 2>(pair, {"mean", "sum"}, {Reduction::mean, Reduction::sum});
    else
      unknown_loss_key(name, pair.key,
                       {"window", "hop", "window-function", "padding", "norm", "normalisation", "reduction", "scale", "floor"});
  }
  if (options.hop == 0) options.hop = std::max<std::int64_t>(options.window / 4, 1);
  return options;
}

/// Lists of equal length; hops and windows that are not given follow the transforms.
std::vector<StftResolution> resolutions_of(const std::vector<std::int64_t>& ffts, const std::vector<std::int64_t>& hops,
                                           const std::vector<std::int64_t>& windows) {
  const auto fits = [&](const std::vector<std::int64_t>& list) { return list.empty() || list.size() == ffts.size(); };
  if (!fits(hops) || !fits(windows)) refuse_loss("'stft' takes as many values of hop and window as of fft");
  std::vector<StftResolution> made;
  for (std::size_t k = 0; k < ffts.size(); ++k) {
    made.push_back(
        {ffts[k], hops.empty() ? std::max<std::int64_t>(ffts[k] / 4, 1) : hops[k], windows.empty() ? ffts[k] : windows[k]});
  }
  return made;
}

MultiResolutionStftLoss read_stft(const std::string& name, const Pairs& pairs) {
  MultiResolutionStftLoss options;
  std::vector<std::int64_t> ffts, hops, windows;
  for (const LossPair& pair : pairs) {
    if (common_key(pair, options) || common_key(pair, options.terms)) continue;
    if (pair.key == "fft")
      ffts = loss_list(pair, &loss_window);
    else if (pair.key == "hop")
      hops = loss_list(pair, &loss_hop);
    else if (pair.key == "window")
      windows = loss_list(pair, &loss_window);
    else if (pair.key == "convergence")
      options.terms.spectral_convergence = number_of(pair);
    else if (pair.key == "log")
      options.terms.log_magnitude = number_of(pair);
    else if (pair.key == "linear")
      options.terms.linear_magnitude = number_of(pair);
    else
      unknown_loss_key(name, pair.key,
                       {"fft", "hop", "window", "convergence", "log", "linear", "norm", "floor", "window-function", "padding"});
  }
  if (ffts.empty() && !(hops.empty() && windows.empty())) refuse_loss("'stft' takes hop and window with fft only");
  if (!ffts.empty()) options.resolutions = resolutions_of(ffts, hops, windows);
  return options;
}

MultiScaleSpectralLoss read_multi_scale(const std::string& name, const Pairs& pairs) {
  MultiScaleSpectralLoss options;
  for (const LossPair& pair : pairs) {
    if (common_key(pair, options)) continue;
    if (pair.key == "window")
      options.sizes = loss_list(pair, &loss_window);
    else if (pair.key == "linear")
      options.magnitude = number_of(pair);
    else if (pair.key == "log")
      options.log_magnitude = number_of(pair);
    else
      unknown_loss_key(name, pair.key, {"window", "linear", "log", "norm", "floor", "padding"});
  }
  return options;
}

MelLoss read_mel(const std::string& name, const Pairs& pairs) {
  MelLoss options{.resolution = {1024, 0, 0}, .logarithmic = name == "log-mel"};
  auto& [fft, hop, window] = options.resolution;
  for (const LossPair& pair : pairs) {
    if (common_key(pair, options)) continue;
    if (pair.key == "fft")
      fft = loss_window(pair);
    else if (pair.key == "hop")
      hop = loss_hop(pair);
    else if (pair.key == "window")
      window = loss_window(pair);
    else if (pair.key == "bands")
      options.mel.bands = loss_count(pair, "", 1, 1024);
    else if (pair.key == "low")
      options.mel.low_hz = number_of(pair);
    else if (pair.key == "high")
      options.mel.high_hz = number_of(pair);
    else if (pair.key == "scale")
      options.mel.scale = loss_choice<MelScale, 2>(pair, {"slaney", "htk"}, {MelScale::slaney, MelScale::htk});
    else
      unknown_loss_key(name, pair.key,
                       {"fft", "hop", "window", "bands", "low", "high", "scale", "norm", "floor", "window-function", "padding"});
  }
  if (hop == 0) hop = std::max<std::int64_t>(fft / 4, 1);
  if (window == 0) window = fft;
  return options;
}

/// Frames up to the end of the first window that counts.
std::int64_t fewest_of(const StftResolution& resolution, Padding padding) {
  const std::int64_t hops = (resolution.window - 1 + resolution.hop - 1) / resolution.hop;  // to the first whole window
  return std::max(resolution.window, padding == Padding::none ? hops * resolution.hop + 1 : 1);
}

struct Fewest {
  std::int64_t operator()(const SpectralLoss& o) const { return fewest_of({o.window, o.hop, o.window}, o.padding); }
  std::int64_t operator()(const MelLoss& o) const { return fewest_of(o.resolution, o.padding); }
  std::int64_t operator()(const MultiResolutionStftLoss& o) const {
    std::int64_t fewest = 0;
    for (const StftResolution& resolution : o.resolutions) fewest = std::max(fewest, fewest_of(resolution, o.padding));
    return fewest;
  }
  std::int64_t operator()(const MultiScaleSpectralLoss& o) const {
    std::int64_t fewest = 0;
    for (const std::int64_t size : o.sizes)
      fewest = std::max(fewest, fewest_of({size, std::max<std::int64_t>(size / 4, 1), size}, o.padding));
    return fewest;
  }
};

}  // namespace

SpectralOptions spectral_options(const std::string& name, const Pairs& pairs) {
  if (name == "spectral") return read_spectral(name, pairs);
  if (name == "stft") return read_stft(name, pairs);
  if (name == "multi-scale") return read_multi_scale(name, pairs);
  return read_mel(name, pairs);
}

Signal spectral_term(const SpectralOptions& options, Signal x, Signal target, double sample_rate) {
  if (const auto* o = std::get_if<SpectralLoss>(&options)) return spectral_loss(x, target, *o);
  if (const auto* o = std::get_if<MultiResolutionStftLoss>(&options)) return multi_resolution_stft_loss(x, target, *o);
  if (const auto* o = std::get_if<MultiScaleSpectralLoss>(&options)) return multi_scale_spectral_loss(x, target, *o);
  MelLoss mel = std::get<MelLoss>(options);
  mel.mel.sample_rate = sample_rate;
  return mel_loss(x, target, mel);
}

std::int64_t fewest_frames(const SpectralOptions& options) { return std::visit(Fewest{}, options); }

}  // namespace dgen::tool

#include "dsp/spectrum.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "dgen/compare.h"
#include "dgen/complex.h"
#include "dgen/fourier.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "dsp/state.h"
#include "graph/fourier.h"

namespace dgen::dsp {

namespace {

/// The weights of the `fft` frames that a transform sees.
std::vector<double> weights_of(const ShortSpectra& options) {
  std::vector<double> weights(static_cast<std::size_t>(options.fft - options.window), 0.0);
  for (const double w : window_function(options.window_function, options.window, options.symmetric))
    weights.push_back(options.factor * w);
  return weights;
}

/// Columns first … last - 1 of the windowed DFT, [fft / 2 + 1, last - first]: cosines or sines.
Signal dft_matrix(Graph& g, const ShortSpectra& options, double (*wave)(double), std::int64_t first, std::int64_t last) {
  const std::int64_t size = options.fft, bins = size / 2 + 1;
  const std::vector<double> weight = weights_of(options);
  std::vector<double> matrix;
  for (std::int64_t k = 0; k < bins; ++k) {
    for (std::int64_t n = first; n < last; ++n) {
      const double turns = static_cast<double>(k * n % size) / static_cast<double>(size);
      const double value = wave(two_pi * turns);
      const double exact = k % (bins - 1) == 0 || 4 * (k * n % size) % size == 0 ? std::round(value) : value;  // 0, 1 and -1
      matrix.push_back(weight[static_cast<std::size_t>(n)] * exact);
    }
  }
  return tensor(g, matrix, extents({static_cast<std::int32_t>(bins), static_cast<std::int32_t>(last - first)}));
}

/// The transform of `frames`, which are those from `first` to `last` of the windows.
Signal transformed(Signal frames, const ShortSpectra& options, double (*wave)(double), std::int64_t first, std::int64_t last) {
  return linear(frames, dft_matrix(*frames.graph, options, wave, first, last));
}

/// x one frame later.
Signal frame_before(Signal x) {
  const Signal before = dsp::state_of(*x.graph, std::array{x});
  x.graph->close(before, x);
  return before;
}

/// The `size` frames from the tick on: a window where time runs backward.
Signal coming_frames(Signal x, std::int64_t size, std::int64_t hop) {
  return x.graph->add(ops::window, std::span(&x, 1), {.size = size, .hop = static_cast<std::int32_t>(hop), .reversed = true});
}

/// Whether there is a fast transform of this size, and it pays: measured forward and backward at hops of 1, 16 and 64.
bool is_fast(const ShortSpectra& options) {
  const std::int64_t least = options.hop <= 16 ? 32 : 128;
  return options.fft >= least && fourier::is_size(options.fft, true);
}

/// [n] as [1, n].
Signal as_row(Signal x, std::int64_t n) { return reshape(x, extents({1, static_cast<std::int32_t>(n)})); }

/// The frames that a transform sees, weighted: hop [fft].
Signal weighted_frames(Signal x, const ShortSpectra& options) {
  Graph& g = *x.graph;
  const std::int64_t size = options.fft, half = size / 2;
  const std::vector<double> weights = weights_of(options);
  if (!options.centred) {
    const bool equal = std::all_of(weights.begin(), weights.end(), [](double w) { return w == 1; });
    const Signal frames = window(x, size, options.hop);
    return equal ? frames : frames * tensor(g, weights, extents({static_cast<std::int32_t>(size)}));
  }
  // Two rows, the first of which holds the past and the second what comes, one behind the other.
  const auto part = [&](Signal frames, std::int64_t from) {
    std::vector<double> own(static_cast<std::size_t>(size), 0.0);
    std::copy_n(weights.begin() + from, half, own.begin() + from);
    return as_row(frames, half) * tensor(g, own, extents({2, static_cast<std::int32_t>(half)}));
  };
  const Signal past = part(window(frame_before(x), half, options.hop), 0);
  const Signal both = past + part(coming_frames(x, half, options.hop), half);
  return reshape(both, extents({static_cast<std::int32_t>(size)}));
}

/// The same by products with a matrix.
Signal slow_power_spectra(Signal x, const ShortSpectra& options) {
  const std::int64_t size = options.fft, half = size / 2;
  const auto power = [](Signal re, Signal im) { return re * re + im * im; };
  if (!options.centred) {
    const Signal frames = window(x, size, options.hop);
    const auto part = [&](double (*wave)(double)) { return transformed(frames, options, wave, 0, size); };
    return power(part(std::cos), part(std::sin));
  }
  const Signal past = window(frame_before(x), half, options.hop), coming = coming_frames(x, half, options.hop);
  const auto part = [&](double (*wave)(double)) {
    return transformed(past, options, wave, 0, half) + transformed(coming, options, wave, half, size);
  };
  return power(part(std::cos), part(std::sin));
}

}  // namespace

Signal power_spectra(Signal x, const ShortSpectra& options) {
  return is_fast(options) ? spectral_power(rfft(weighted_frames(x, options))) : slow_power_spectra(x, options);
}

Signal root_of_power(Signal power) {
  const Signal silent = eq(power, 0.0);  // what is not a number stays so
  return select(silent, 0.0, sqrt(select(silent, 1.0, power)));
}

Signal whole_windows(Graph& g, const ShortSpectra& options) {
  return gte(tick_frame(g, options.hop), static_cast<double>(options.window - 1));
}

Signal over_windows(Signal per_window, Padding padding, Reduction reduction, const ShortSpectra& options) {
  const bool all = padding != Padding::none;
  const Signal counts = whole_windows(*per_window.graph, options);
  const Signal counted = all ? per_window : select(counts, per_window, 0.0);
  switch (reduction) {
    case Reduction::mean: return all ? time_mean(per_window) : ops::time_sum(counted) / max(ops::time_sum(counts), 1.0);
    case Reduction::sum: return ops::time_sum(counted);
    case Reduction::none: break;
  }
  return counted;
}

}  // namespace dgen::dsp

#include "dgen/spectral.h"

#include <array>
#include <cmath>
#include <string>

#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "dsp/build_time.h"
#include "dsp/families.h"

namespace dgen {

namespace {

/// The options of a spectral_loss node, from its constant inputs behind x and target.
SpectralLoss options_of(std::span<const Signal> x) {
  const auto number = [&](std::size_t k, const char* what, std::int64_t lo, std::int64_t hi) {
    return dsp::whole_number(x[k], "spectral_loss: " + std::string(what), lo, hi);
  };
  SpectralLoss made{.window = number(2, "window", 2, 8192), .hop = number(3, "hop", 1, 1 << 20)};
  if (made.window % 2 != 0) {
    throw Error(ErrorCode::bad_value,
                "spectral_loss: the window has " + std::to_string(made.window) + " frames; it must be even");
  }
  made.window_function = static_cast<WindowFunction>(number(4, "window_function", 0, 3));
  made.symmetric = number(5, "symmetric", 0, 1) == 1;
  made.padding = static_cast<Padding>(number(6, "padding", 0, 1));
  made.norm = static_cast<Norm>(number(7, "norm", 0, 1));
  made.normalisation = static_cast<Normalisation>(number(8, "normalisation", 0, 1));
  made.reduction = static_cast<Reduction>(number(9, "reduction", 0, 2));
  return made;
}

/// Rows of the windowed DFT, [window / 2 + 1, window]: cosines or sines.
Signal dft_matrix(Graph& g, const SpectralLoss& options, double (*wave)(double)) {
  const std::int64_t size = options.window, bins = size / 2 + 1;
  const std::vector<double> weight = window_function(options.window_function, size, options.symmetric);
  const double factor = options.normalisation == Normalisation::orthonormal ? 1 / std::sqrt(static_cast<double>(size)) : 1;
  std::vector<double> matrix;
  for (std::int64_t k = 0; k < bins; ++k) {
    for (std::int64_t n = 0; n < size; ++n) {
      const double turns = static_cast<double>(k * n % size) / static_cast<double>(size);
      const double value = wave(two_pi * turns);
      const double exact = k % (bins - 1) == 0 || 4 * (k * n % size) % size == 0 ? std::round(value) : value;  // 0, 1 and -1
      matrix.push_back(factor * weight[static_cast<std::size_t>(n)] * exact);
    }
  }
  return tensor(g, matrix, extents({static_cast<std::int32_t>(bins), static_cast<std::int32_t>(size)}));
}

Signal magnitudes(Signal x, const SpectralLoss& options) {
  Graph& g = *x.graph;
  const Signal frames = window(x, options.window, options.hop);
  const Signal re = linear(frames, dft_matrix(g, options, std::cos));
  const Signal im = linear(frames, dft_matrix(g, options, std::sin));
  return magnitude(re, im);
}

Signal loss_nodes(Graph& g, std::span<const Signal> x) {
  const SpectralLoss options = options_of(x);
  const Signal error = magnitudes(x[0], options) - magnitudes(x[1], options);
  const Signal loss = sum(options.norm == Norm::l2 ? error * error : abs(error));
  const bool all = options.padding == Padding::left;
  const Signal counts = gte(tick_frame(g, options.hop), static_cast<double>(options.window - 1));
  const Signal counted = all ? loss : select(counts, loss, 0.0);
  switch (options.reduction) {
    case Reduction::mean: return all ? time_mean(loss) : ops::time_sum(counted) / max(ops::time_sum(counts), 1.0);
    case Reduction::sum: return ops::time_sum(counted);
    case Reduction::none: break;
  }
  return counted;
}

}  // namespace

namespace ops {

constexpr OpDef magnitude{
    .name = "magnitude",
    .doc = "length of the complex number (re, im), sqrt(re^2 + im^2); value and gradient 0 at (0, 0)",
    .inputs = "re, im",
    .kind = Kind::composite,
    .expand =
        [](Graph&, std::span<const Signal> x) {
          const Signal power = x[0] * x[0] + x[1] * x[1];
          const Signal sounds = gt(power, 0.0);
          return select(sounds, sqrt(select(sounds, power, 1.0)), 0.0);
        },
};

constexpr OpDef spectral_loss{
    .name = "spectral_loss",
    .doc =
        "errors of the DFT magnitudes of the last `window` frames, at every tick of `hop`, over bins 0 … window/2; "
        "window_function "
        "0 rectangular, 1 Hann, 2 Hamming, 3 Blackman; padding 0 zeros before frame 0, 1 whole windows only; norm 0 absolute, 1 "
        "squared; normalisation 1: magnitudes by 1/sqrt(window); reduction 0 mean over the windows of a segment, 1 sum, 2 none",
    .inputs =
        "x, target, window = 64, hop = 1, window_function = 0, symmetric = 0, padding = 0, norm = 1, normalisation = 0, "
        "reduction = 0",
    .kind = Kind::composite,
    .expand = loss_nodes,
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_SPECTRAL_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> spectral_family{entries};

}  // namespace ops

std::vector<double> window_function(WindowFunction function, std::int64_t size, bool symmetric) {
  constexpr std::int64_t longest = 1 << 20;
  if (size < 1 || size > longest) {
    throw Error(ErrorCode::bad_value,
                "window_function: the size is " + std::to_string(size) + " frames; it must be 1 … " + std::to_string(longest));
  }
  struct Cosines {
    double constant, first, second;
  };
  const auto cosines = [&]() -> Cosines {
    switch (function) {
      case WindowFunction::rectangular: return {1, 0, 0};
      case WindowFunction::hann: return {0.5, 0.5, 0};
      case WindowFunction::hamming: return {0.54, 0.46, 0};
      case WindowFunction::blackman: return {0.42, 0.5, 0.08};
    }
    return {};
  }();
  const double period = static_cast<double>(symmetric && size > 1 ? size - 1 : size);
  std::vector<double> weights;
  for (std::int64_t n = 0; n < size; ++n) {
    const double angle = two_pi * static_cast<double>(n) / period;
    weights.push_back(cosines.constant - cosines.first * std::cos(angle) + cosines.second * std::cos(2 * angle));
  }
  return weights;
}

Signal magnitude(Operand re, Operand im) { return ops::magnitude(re, im); }

Signal spectral_loss(Operand x, Operand target, const SpectralLoss& o) {
  const auto number = [](auto value) { return Operand(static_cast<double>(value)); };
  const std::array<Operand, 10> inputs{x,
                                       target,
                                       number(o.window),
                                       number(o.hop),
                                       number(o.window_function),
                                       number(o.symmetric),
                                       number(o.padding),
                                       number(o.norm),
                                       number(o.normalisation),
                                       number(o.reduction)};
  return add_node(x.signal ? x.signal.graph : target.signal.graph, ops::spectral_loss, inputs);
}

}  // namespace dgen

#pragma once
// A network that plays a synthesiser: network.py has it for PyTorch.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "dgen/dgen.h"

using namespace dgen;

/// A loss, and the signals its gradient is taken by besides the parameters.
struct Problem {
  Signal loss{};
  std::vector<Signal> inputs{};
  double sample_rate = 48000;
};

inline constexpr std::int32_t ddsp_partials = 16, ddsp_bands = 16, ddsp_outputs = 1 + ddsp_partials + ddsp_bands;
inline constexpr std::int64_t ddsp_hop = 64;

/// Numbers that both sides have.
inline initial::Values weights(std::int32_t count, double scale, double turn) {
  initial::Values made;
  for (std::int32_t k = 0; k < count; ++k) made.values.push_back(scale * std::sin(0.7 * k + turn));
  return made;
}

/// 1 at some of the outputs of the network.
inline Signal outputs(Graph& g, std::int32_t first, std::int32_t count) {
  std::vector<double> chosen(ddsp_outputs, 0.0);
  std::fill_n(chosen.begin() + first, count, 1.0);
  return tensor(g, chosen, extents({ddsp_outputs}));
}

/// Frames of two hops that fade into each other, of waves from their ticks' phases on: [2 hop, outputs].
inline Signal ddsp_basis(Graph& g, double cycles, double (*wave)(double)) {
  const std::vector<double> fade = window_function(WindowFunction::hann, 2 * ddsp_hop);
  std::vector<double> values;
  for (std::size_t j = 0; j < fade.size(); ++j) {
    for (int k = 0; k < ddsp_outputs; ++k) {
      const bool tone = k >= 1 && k <= ddsp_partials;
      values.push_back(tone ? fade[j] * wave(two_pi * k * cycles * static_cast<double>(j)) : 0);
    }
  }
  return tensor(g, values, extents({2 * ddsp_hop, ddsp_outputs}));
}

/// What the network hears at a tick: the time, in each of some examples from another start on.
inline Signal ddsp_times(Graph& g, double rate, std::int32_t examples) {
  const Signal time = tick_frame(g, ddsp_hop) * (1.0 / rate);
  if (examples == 1) return reshape(time, extents({1}));
  std::vector<double> starts;
  for (std::int32_t k = 0; k < examples; ++k) starts.push_back(0.05 * k);
  return time + tensor(g, starts, extents({examples, 1}));
}

/// The targets: recordings 0 … examples - 1.
inline Signal ddsp_targets(Graph& g, std::int32_t examples) { return examples == 1 ? g.input(0) : batch(g, examples).input(0); }

/// An MLP 1-64-64-33 plays 16 harmonics and 16 bands of noise (the recordings behind the targets) every 64 frames.
inline Problem ddsp(Graph& g, std::int32_t examples) {
  constexpr double rate = 16000, cycles = 220 / rate;
  const auto column = [&](Signal level) { return examples == 1 ? level : reshape(level, extents({examples, 1})); };
  Signal x = ddsp_times(g, rate, examples);
  const std::array<std::int32_t, 4> sizes{1, 64, 64, ddsp_outputs};
  for (std::size_t layer = 0; layer < 3; ++layer) {
    const std::int32_t inputs = sizes[layer], units = sizes[layer + 1];
    const std::string name = std::to_string(layer);
    const double scale = layer == 0 ? 1 : 0.2;
    const Signal weight = g.param("weight" + name, extents({units, inputs}), weights(units * inputs, scale, 1.0));
    const Signal bias = g.param("bias" + name, extents({units}), weights(units, 0.1, 2.0));
    x = linear(x, weight) + bias;
    if (layer < 2) x = tanh(x);
  }
  const Signal levels = nn::activate(x, nn::Activation::softplus);
  const Signal tones = levels * column(0.1 * sum(levels * outputs(g, 0, 1))) * outputs(g, 1, ddsp_partials);
  std::vector<double> turns(ddsp_outputs, 0.0);
  for (int k = 1; k <= ddsp_partials; ++k) turns[static_cast<std::size_t>(k)] = k * cycles;
  const Signal phase = two_pi * wrap(tick_frame(g, ddsp_hop) * tensor(g, turns, extents({ddsp_outputs})), 0.0, 1.0);
  Signal frames = linear(tones * sin(phase), ddsp_basis(g, cycles, [](double v) { return std::cos(v); })) +
                  linear(tones * cos(phase), ddsp_basis(g, cycles, [](double v) { return std::sin(v); }));
  const Signal fade = tensor(g, window_function(WindowFunction::hann, 2 * ddsp_hop), extents({2 * ddsp_hop}));
  for (int b = 0; b < ddsp_bands; ++b) {
    const Signal level = column(0.1 * sum(levels * outputs(g, 1 + ddsp_partials + b, 1)));
    frames = frames + window(g.input(examples + b), 2 * ddsp_hop, ddsp_hop) * fade * level;
  }
  const MultiResolutionStftLoss spectra{.resolutions = {{512, 128, 512}, {1024, 256, 1024}, {2048, 512, 2048}}};
  const Signal losses = multi_resolution_stft_loss(overlap_add(frames), ddsp_targets(g, examples), spectra);
  return {.loss = examples == 1 ? losses : mean(losses), .sample_rate = rate};
}

inline Problem ddsp_1(Graph& g) { return ddsp(g, 1); }
inline Problem ddsp_16(Graph& g) { return ddsp(g, 16); }

#pragma once
// The training of two frequencies, from 237 Hz and 8.5 Hz towards 300 Hz and 10 Hz.

#include <array>
#include <vector>

#include "dgen/dsp.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/stft_losses.h"
#include "support/engines.h"

namespace two_frequencies {

inline constexpr std::int64_t frames = 4096;
inline constexpr double rate = 44100, learning_rate = 0.03;
inline constexpr double first_frequency = 237, first_lfo = 8.5;

inline dgen::Signal voice(dgen::Signal frequency, dgen::Signal lfo) {
  return sin(dgen::two_pi * dgen::phasor(frequency)) * dgen::phasor(lfo);
}

/// What is looked for.
inline std::vector<float> target() {
  dgen::Graph g;
  g.output(voice(g.constant(300.0), g.constant(10.0)));
  const auto sound = dgen_test::run(g, dgen_test::Engine::float64, {}, frames, rate);
  return {sound[0].begin(), sound[0].end()};
}

/// The parameters "frequency" and "lfo", and the loss against input 1.
struct Task {
  dgen::Graph g;
  std::array<dgen::Signal, 2> by{g.param("frequency", first_frequency), g.param("lfo", first_lfo)};
  dgen::Signal loss = loss_of(voice(by[0], by[1]));

 private:
  dgen::Signal loss_of(dgen::Signal out) {
    const dgen::SpectralLoss spectra{.window = 1024,
                                     .hop = 256,
                                     .window_function = dgen::WindowFunction::hann,
                                     .padding = dgen::Padding::none,
                                     .normalisation = dgen::Normalisation::orthonormal};
    const dgen::Signal wanted = g.input();
    return 100.0 * dgen::spectral_loss(out, wanted, spectra) + 0.003 * dgen::mse(out, wanted);
  }
};

}  // namespace two_frequencies

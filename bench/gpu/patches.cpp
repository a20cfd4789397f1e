#include "patches.h"

#include <string>

#include "dgen/dgen.h"

namespace gpu_bench {

namespace {

using namespace dgen;

Signal two_frequencies(Graph& g) {
  const Signal out = sin(two_pi * phasor(g.param("frequency", 237))) * phasor(g.param("lfo", 8.5));
  return 100.0 * spectral_loss(out, g.input(), {.window = 1024, .hop = 256, .window_function = WindowFunction::hann}) +
         0.003 * mse(out, g.input());
}

Signal resolutions(Graph& g) { return multi_resolution_stft_loss(g.param("gain", 0.5) * g.input() + 0.1, g.input()); }

Signal biquad_bank(Graph& g) {
  Signal out = g.constant(0);
  for (int k = 0; k < 32; ++k) out = out + biquad_lowpass(g.input(), g.param("cutoff" + std::to_string(k), 200.0 + 250 * k), 0.8);
  return mse(out, g.input());
}

/// Harmonics of a pitch, filtered noise, and a loss of several scales, as DDSP has them.
Signal harmonics_and_noise(Graph& g) {
  const Signal pitch = g.param("pitch", 220);
  Signal out = g.param("noise", 0.1) * biquad_lowpass(noise(g), g.param("cutoff", 2000), 0.7);
  for (int k = 1; k <= 16; ++k) out = out + g.param("level" + std::to_string(k), 1.0 / k) * sin(two_pi * phasor(pitch * k));
  return multi_scale_spectral_loss(out, g.input());
}

constexpr Patch all[] = {{"two_frequencies", two_frequencies},
                         {"resolutions", resolutions},
                         {"biquad_bank", biquad_bank},
                         {"harmonics_and_noise", harmonics_and_noise}};

}  // namespace

std::span<const Patch> patches() { return all; }

}  // namespace gpu_bench

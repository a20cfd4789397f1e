// What a training step costs on a device and on this CPU: forward, backward and update of 4096 frames.
// DGEN_OPENCL_DEVICE chooses the device. On PoCL, which is a CPU too, the figures say nothing about a GPU.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/noise.h"
#include "dgen/dgen.h"

namespace {

using namespace dgen;

constexpr int frames = 4096;

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

/// Harmonics of a pitch, filtered noise, and a loss of several scales.
Signal harmonics_and_noise(Graph& g) {
  const Signal pitch = g.param("pitch", 220);
  Signal out = g.param("noise", 0.1) * biquad_lowpass(noise(g), g.param("cutoff", 2000), 0.7);
  for (int k = 1; k <= 16; ++k) out = out + g.param("level" + std::to_string(k), 1.0 / k) * sin(two_pi * phasor(pitch * k));
  return multi_scale_spectral_loss(out, g.input());
}

using Make = Signal (*)(Graph&);

void training_step_on(benchmark::State& state, Make make, Backend backend) {
  std::vector<float> target;
  for (int n = 0; n < frames; ++n) target.push_back(static_cast<float>(0.3 * noise(1, static_cast<std::uint64_t>(n))));
  try {
    Graph g;
    const Signal loss = make(g);
    TrainerOptions options{.channels = {target}};
    options.compile.backend = backend;
    Trainer trainer(g, loss, Sgd{.learning_rate = 1e-9}, options);
    for (auto _ : state) benchmark::DoNotOptimize(trainer.step().loss);
  } catch (const Error& error) {
    state.SkipWithError(error.what());
  }
}

#define STEP(make)                                                                                                         \
  BENCHMARK_CAPTURE(training_step_on, make##_opencl, make, Backend::opencl)->Unit(benchmark::kMillisecond)->UseRealTime(); \
  BENCHMARK_CAPTURE(training_step_on, make##_cpu, make, Backend::cpu)->Unit(benchmark::kMillisecond)->UseRealTime()

STEP(two_frequencies);
STEP(resolutions);
STEP(biquad_bank);
STEP(harmonics_and_noise);

}  // namespace

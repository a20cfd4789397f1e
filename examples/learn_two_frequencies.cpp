// Learns two frequencies of a sound: a sine whose loudness an LFO ramp moves. From 237 Hz and 8.5 Hz it finds the target's
// 300 Hz and 10 Hz in 120 steps of plain gradient descent.
//
// The spectra are those of whole windows of 1024 frames: with an exact gradient, windows of 64 frames do not lead there,
// because the basin around 300 Hz is then only a few Hz wide. docs/losses.md shows the loss over the frequency for both.

#include <cstdio>
#include <vector>

#include "dgen/dgen.h"

using namespace dgen;

namespace {

constexpr double rate = 44100;
constexpr std::int64_t frames = 4096;

/// The node interface: records and inputs.
Signal voice(Graph& g, Signal frequency, Signal lfo_frequency) {
  const Signal phase = g.n(ops::phasor, {frequency});
  const Signal sine = g.n(ops::sin, {g.n(ops::mul, {phase, two_pi})});
  return g.n(ops::mul, {sine, g.n(ops::phasor, {lfo_frequency})});
}

/// The same, in expressions.
Signal voice(Signal frequency, Signal lfo_frequency) { return sin(two_pi * phasor(frequency)) * phasor(lfo_frequency); }

std::vector<float> target() {
  Graph g;
  g.output(voice(g.constant(300.0), g.constant(10.0)));
  Instance instance(compile(g), rate);
  std::vector<float> sound(frames);
  float* out = sound.data();
  instance.process(nullptr, &out, frames);
  return sound;
}

}  // namespace

int main() {
  try {
    const std::vector<float> sound = target();
    Graph g;
    const Signal out = voice(g, g.param("frequency", 237), g.param("lfo-frequency", 8.5));
    const SpectralLoss spectra{.window = 1024,
                               .hop = 256,
                               .window_function = WindowFunction::hann,
                               .padding = Padding::none,
                               .normalisation = Normalisation::orthonormal};
    const Signal loss = 100.0 * spectral_loss(out, g.input(), spectra) + 0.003 * mse(out, g.input());
    Trainer trainer(g, loss, Sgd{.learning_rate = 0.03}, {.sample_rate = rate, .channels = {sound}});
    const auto value = [&](const char* name) { return trainer.parameters().value(name); };
    for (int step = 0; step < 120; ++step) {
      const Metrics metrics = trainer.step();
      if (step % 10 == 0)
        std::printf("step %3d  loss %10.6f  frequency %8.4f  lfo %8.5f\n", step, metrics.loss, value("frequency"),
                    value("lfo-frequency"));
    }
    std::printf("frequency %.4f lfo %.5f\n", value("frequency"), value("lfo-frequency"));
  } catch (const Error& error) {
    std::fprintf(stderr, "learn_two_frequencies: %s\n", error.what());
    return 1;
  }
  return 0;
}

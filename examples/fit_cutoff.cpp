// Finds the cutoff of a low-pass filter from what it did to noise, by gradient descent through the filter's feedback.

#include <cstdio>
#include <vector>

#include "dgen/dgen.h"

using namespace dgen;

namespace {

constexpr double rate_hz = 48000;
constexpr std::int64_t frames = 2000;

/// What the unknown filter made of the noise.
std::vector<float> recording(double cutoff_hz) {
  Graph g;
  g.output(biquad_lowpass(noise(g, 1), g.constant(cutoff_hz), 0.9));
  std::vector<float> out(frames);
  float* const channels[] = {out.data()};
  Instance(compile(g), rate_hz).process(nullptr, channels, frames);
  return out;
}

}  // namespace

int main() {
  const std::vector<float> target = recording(1234.0);

  Graph g;
  const Signal cutoff = g.param("cutoff", 400, {.min = 20, .max = 20000, .mapping = Mapping::log});
  const Signal loss = mse(biquad_lowpass(noise(g, 1), cutoff, 0.9), g.input());

  Trainer trainer(g, loss, Sgd{.learning_rate = 10}, {.sample_rate = rate_hz, .channels = {target}});
  for (int step = 0; step < 20; ++step) {
    const double hz = trainer.parameters().value("cutoff");
    const Metrics metrics = trainer.step();
    if (step % 2 == 0) std::printf("step %2d  cutoff %7.2f Hz  loss %.3g\n", step, hz, metrics.loss);
  }
  trainer.restore_best();
  std::printf("found %.2f Hz, the filter had 1234.00\n", trainer.parameters().value("cutoff"));
}

// Finds the cutoff of a low-pass filter from what it did to noise, by gradient descent through the filter's feedback.
// The gradient is evaluated by the reference interpreter, in double.

#include <array>
#include <cmath>
#include <cstdio>

#include "dgen/dgen.h"

using namespace dgen;

namespace {

constexpr double rate_hz = 48000;
constexpr std::int64_t frames = 2000;

/// What the unknown filter made of the noise.
std::vector<double> recording(double cutoff_hz) {
  Graph g;
  g.output(biquad_lowpass(noise(g, 1), g.constant(cutoff_hz), 0.9));
  std::vector<std::vector<double>> out;
  Interpreter(g, rate_hz).process({}, out, frames);
  return out[0];
}

}  // namespace

int main() {
  const std::vector<std::vector<double>> target{recording(1234.0)};

  Graph g;
  const Signal octave = g.param("octave", 2.0);  // above 100 Hz: steps in octaves suit a frequency
  const Signal filtered = biquad_lowpass(noise(g, 1), 100.0 * exp2(octave), 0.9);
  const Signal error = filtered - g.input();
  const Signal loss = time_mean(error * error);

  const std::array<Signal, 1> by{octave};
  const Gradient slope = gradient(loss, by);
  const std::array<Signal, 2> wanted{loss, slope.of[0]};
  SegmentInterpreter run(g, wanted, rate_hz);

  double value = 2.0;
  for (int step = 0; step < 60; ++step) {
    run.set("octave", value);
    const auto result = run.evaluate(target, frames);
    if (step % 10 == 0) std::printf("step %2d  cutoff %7.2f Hz  loss %.3g\n", step, 100 * std::exp2(value), result[0][0]);
    value -= 10 * result[1][0];
  }
  std::printf("found %.2f Hz, the filter had 1234.00\n", 100 * std::exp2(value));
}

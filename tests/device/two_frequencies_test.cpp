// The training of two frequencies, from 237 Hz and 8.5 Hz towards 300 Hz and 10 Hz: the same figures on every engine.

#include <gtest/gtest.h>

#include "dgen/dsp.h"
#include "dgen/gradient.h"
#include "dgen/interpreter.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/stft_losses.h"
#include "support/devices.h"
#include "support/engines.h"

namespace {

using namespace dgen;
using device_suite::Device;

constexpr std::int64_t frames = 4096;
constexpr double rate = 44100;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int steps = 3;  // the interpreter is slow under sanitizers
#else
constexpr int steps = 120;
#endif

Signal voice(Signal frequency, Signal lfo) { return sin(two_pi * phasor(frequency)) * phasor(lfo); }

std::vector<float> target() {
  Graph g;
  g.output(voice(g.constant(300.0), g.constant(10.0)));
  const auto sound = dgen_test::run(g, dgen_test::Engine::float64, {}, frames, rate);
  return {sound[0].begin(), sound[0].end()};
}

struct Figures {
  double frequency = 237, lfo = 8.5;
};

using CompileLoss = std::function<SegmentProgram(const std::vector<Signal>& wanted)>;

/// After `steps` down the gradient.
Figures train(const CompileLoss& compile) {
  Graph g;
  Figures now;
  const Signal by[] = {g.param("frequency", now.frequency), g.param("lfo", now.lfo)};
  const Signal out = voice(by[0], by[1]);
  const Signal loss = 100.0 * spectral_loss(out, g.input(),
                                            {.window = 1024,
                                             .hop = 256,
                                             .window_function = WindowFunction::hann,
                                             .padding = Padding::none,
                                             .normalisation = Normalisation::orthonormal}) +
                      0.003 * mse(out, g.input());
  const std::vector<Signal> slopes = gradient(loss, by).of;
  Segment segment(compile({loss, slopes[0], slopes[1]}), rate, frames);
  const std::vector<float> wanted = target();
  const float* const in[] = {wanted.data()};
  constexpr double learning_rate = 0.03;
  for (int step = 0; step < steps; ++step) {
    segment.run(in, frames, From::reset, step > 0);
    EXPECT_EQ(segment.failure(), "");
    segment.set("frequency", now.frequency -= learning_rate * segment.value(1));
    segment.set("lfo", now.lfo -= learning_rate * segment.value(2));
  }
  return now;
}

SegmentProgram compile_on(Backend backend, const std::vector<Signal>& wanted) {
  return compile_segment(wanted, {.compile = {.backend = backend}});
}

TEST(TwoFrequencies, AreFoundByEveryEngine) {
  const Figures exact = train([](const auto& wanted) { return compile_on(Backend::interpreter, wanted); });
  if (steps == 120) {
    EXPECT_NEAR(exact.frequency, 300, 0.3);
    EXPECT_NEAR(exact.lfo, 10, 0.01);
  }
  const auto expect_same = [&](const std::string& name, const CompileLoss& compile) {
    SCOPED_TRACE(name);
    const Figures found = train(compile);
    EXPECT_NEAR(found.frequency / exact.frequency, 1, 1e-3);
    EXPECT_NEAR(found.lfo / exact.lfo, 1, 1e-3);
  };
  expect_same("cpu", [](const auto& wanted) { return compile_on(Backend::cpu, wanted); });
  for (const Device& device : device_suite::every_device()) {
    if (device.why_not.empty())
      expect_same(device.name, [&](const auto& wanted) { return device.compile_segments(std::span(&wanted, 1)).front(); });
  }
}

}  // namespace

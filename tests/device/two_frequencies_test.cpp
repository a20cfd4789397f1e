// The training of two frequencies, from 237 Hz and 8.5 Hz towards 300 Hz and 10 Hz: the same figures on every engine.

#include "support/two_frequencies.h"

#include <gtest/gtest.h>

#include <functional>

#include "dgen/gradient.h"
#include "dgen/segment.h"
#include "support/devices.h"

namespace {

using namespace dgen;
using device_suite::Device;
using two_frequencies::frames;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int steps = 3;  // the interpreter is slow under sanitizers
#else
constexpr int steps = 120;
#endif

struct Figures {
  double frequency = two_frequencies::first_frequency, lfo = two_frequencies::first_lfo;
};

using CompileLoss = std::function<SegmentProgram(const std::vector<Signal>& wanted)>;

/// After `steps` down the gradient.
Figures train(const CompileLoss& compile) {
  two_frequencies::Task task;
  Figures now;
  const std::vector<Signal> slopes = gradient(task.loss, task.by).of;
  Segment segment(compile({task.loss, slopes[0], slopes[1]}), two_frequencies::rate, frames);
  const std::vector<float> wanted = two_frequencies::target();
  const float* const in[] = {wanted.data()};
  for (int step = 0; step < steps; ++step) {
    segment.run(in, frames, From::reset, step > 0);
    EXPECT_EQ(segment.failure(), "");
    segment.set("frequency", now.frequency -= two_frequencies::learning_rate * segment.value(1));
    segment.set("lfo", now.lfo -= two_frequencies::learning_rate * segment.value(2));
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
  const Figures from;
  const auto expect_same = [&](const std::string& name, const CompileLoss& compile) {
    SCOPED_TRACE(name);
    const Figures found = train(compile);
    // How far they have come: after a few steps they are still near where all of them began.
    EXPECT_NEAR((found.frequency - from.frequency) / (exact.frequency - from.frequency), 1, 3e-3);
    EXPECT_NEAR((found.lfo - from.lfo) / (exact.lfo - from.lfo), 1, 3e-3);
  };
  expect_same("cpu", [](const auto& wanted) { return compile_on(Backend::cpu, wanted); });
  for (const Device& device : device_suite::every_device()) {
    if (device.why_not.empty())
      expect_same(device.name, [&](const auto& wanted) { return device.compile_segments(std::span(&wanted, 1)).front(); });
  }
}

}  // namespace

// Delays of a frame or two, which are carried from vector to vector, and reads of delay lines, against the double interpreter.

#include <gtest/gtest.h>

#include <algorithm>

#include "dgen/compare.h"
#include "dgen/dsp.h"
#include "dgen/inspect.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "support/engines.h"
#include "support/play.h"

namespace {

using namespace dgen;
using namespace dgen_test;

constexpr double sample_rate = 48000;

Signal tap(Signal x, Signal frames, std::int64_t size) {
  return x.graph->add(ops::delay_tap, std::array{x, frames}, {.size = size});
}

Signal tap(Signal x, double frames) { return tap(x, x.graph->constant(frames), 4); }

std::size_t frame_stages(const Graph& g) {
  const Report report = explain(g);
  return static_cast<std::size_t>(std::count_if(report.stages.begin(), report.stages.end(),
                                                [](const StageReport& stage) { return stage.order != "control"; }));
}

void expect_oracle(const Graph& g, double tolerance) {
  const Channels in{white_noise(1000)};
  const auto expected = run(g, Engine::float64, in, 1000, sample_rate);
  const Program program = compile(g);
  const auto whole = run(program, in, 1000, 1000, sample_rate);
  for (std::size_t c = 0; c < expected.size(); ++c) {
    for (std::size_t n = 0; n < 1000; ++n)
      ASSERT_NEAR(whole[c][n], expected[c][n], tolerance) << "output " << c << ", frame " << n;
  }
  for (const std::int64_t block : {1, 7, 64, 300})
    EXPECT_EQ(run(program, in, 1000, block, sample_rate), whole) << "in blocks of " << block;
}

TEST(CarriedDelay, NeedsNoStageOfItsOwn) {
  Graph g;
  const Signal x = tanh(g.input());
  g.output(x - 0.5 * tap(x, 1) + 0.25 * tap(x, 2) + tap(tap(x, 1), 2) * 0.125);
  EXPECT_EQ(frame_stages(g), 1);
  expect_oracle(g, 1e-6);
}

TEST(CarriedDelay, StandsBeforeAndBehindLoops) {
  Graph g;
  const Signal x = g.input(), low = onepole(x - tap(x, 1), 2000);
  const Signal gate = ops::cell(g.constant(0));  // a loop that is no scan
  const Signal bent = tanh(tap(low, 2) + 0.5 * gate);
  g.close(gate, bent);
  g.output(bent + tap(bent, 1) + tap(low, 1) + tap(g.param("level", 0.3), 1));
  expect_oracle(g, 1e-6);
}

TEST(CarriedDelay, SharesItsSignalWithLongerOnes) {
  Graph g;
  const Signal x = tanh(g.input());
  g.output(x * tap(x, 1) + tap(x, 3) * tap(tap(x, 3), 2));
  expect_oracle(g, 1e-6);
}

/// As a patch reads a line that is written later.
TEST(LineRead, OfZeroFramesOrMoreIsOneDelay) {
  for (const double time : {0.0, 0.7, 1.0, 57.0}) {
    Graph g;
    const Signal x = tanh(g.input()), frames = g.param("frames", time);
    g.output(select(lt(frames, 1.0), x, tap(x, max(frames, 1.0), 100)));
    g.output(select(lt(frames, 1.0), x, tap(x, max(frames, 2.0), 100)));  // another delay
    expect_oracle(g, 1e-6);
  }
}

}  // namespace

// Loops through delays of known length, which run many frames at a time, against the double interpreter.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

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

int sequential_stages(const Graph& g) {
  const Report report = explain(g);
  return static_cast<int>(
      std::count_if(report.stages.begin(), report.stages.end(), [](const StageReport& s) { return s.order == "sequential"; }));
}

/// y[n] = x[n] + 0.8 f(y[n - time]).
template <class Filter>
Signal echo(Signal x, Signal time, std::int64_t size, Filter filter) {
  Graph& g = *x.graph;
  const Signal line = g.add(ops::line, {}, {.size = size});
  const Signal y = x + 0.8 * filter(g.add(ops::line_read, std::array{line, time}, {.size = size}));
  g.close(line, y);
  return y;
}

Signal same(Signal x) { return x; }

void expect_oracle(const Graph& g, double tolerance) {
  const Channels in{white_noise(3000)};
  const auto expected = run(g, Engine::float64, in, 3000, sample_rate);
  const Program program = compile(g);
  const auto whole = run(program, in, 3000, 3000, sample_rate);
  for (std::size_t n = 0; n < expected[0].size(); ++n) ASSERT_NEAR(whole[0][n], expected[0][n], tolerance) << "frame " << n;
  for (const std::int64_t block : {1, 7, 64, 300})
    EXPECT_EQ(run(program, in, 3000, block, sample_rate), whole) << "in blocks of " << block;
}

TEST(LongLoop, IsLeftToNoStage) {
  for (const double time : {1.0, 2.0, 15.0, 16.0, 17.5, 100.0, 1000.0}) {
    Graph g;
    g.output(echo(g.input(), g.param("time", time), 1000, same));
    EXPECT_EQ(sequential_stages(g), 0);
    expect_oracle(g, 2e-6);
  }
}

TEST(LongLoop, TakesOtherLoopsInside) {
  Graph g;
  g.output(echo(g.input(), g.param("time", 217), 500, [](Signal x) { return onepole(x, 3000); }));
  EXPECT_EQ(sequential_stages(g), 0);
  expect_oracle(g, 2e-6);

  Graph nonlinear;
  nonlinear.output(echo(nonlinear.input(), nonlinear.param("time", 217), 500, [](Signal x) {
    const Signal y = ops::cell(x.graph->constant(0));
    const Signal next = tanh(x + 0.5 * y);
    x.graph->close(y, next);
    return next;
  }));
  EXPECT_EQ(sequential_stages(nonlinear), 1);
  expect_oracle(nonlinear, 2e-6);
}

TEST(LongLoop, CrossesItselfThroughSeveralLines) {
  Graph g;  // a feedback delay network of two lines
  const Signal a = g.add(ops::line, {}, {.size = 300}), b = g.add(ops::line, {}, {.size = 200});
  const Signal from_a = g.add(ops::line_read, std::array{a, g.param("a", 211)}, {.size = 300});
  const Signal from_b = g.add(ops::line_read, std::array{b, g.param("b", 37)}, {.size = 200});
  g.close(a, g.input() + 0.6 * from_a - 0.5 * from_b);
  g.close(b, g.input() + 0.5 * from_a + 0.6 * from_b);
  g.output(from_a + from_b);
  EXPECT_EQ(sequential_stages(g), 0);
  expect_oracle(g, 2e-6);
}

TEST(LongLoop, LeavesAFrameToReadsOfOtherLines) {
  Graph g;
  const Signal x = g.input(), far = g.add(ops::line, {}, {.size = 29}), near = g.add(ops::line, {}, {.size = 8});
  const Signal time = 0.6 + 0.7 * sin(frame_index(g) * 0.2);  // of less than a frame, which the loop does not allow
  const Signal y = 0.5 * g.add(ops::line_read, std::array{near, time}, {.size = 8}) + x;
  g.close(far, y);
  g.close(near, 0.5 * x - 0.4 * g.add(ops::line_read, std::array{far, g.constant(2.5)}, {.size = 29}));
  g.output(y);
  expect_oracle(g, 2e-6);
}

/// Between two frames: a float's time that is almost whole may be read a frame off, which then weighs next to nothing.
Signal between(Signal x, Signal time, std::int64_t size) {
  Graph& g = *x.graph;
  const Signal line = g.add(ops::line, {}, {.size = size}), whole = floor(time);
  const Signal near = g.add(ops::line_read, std::array{line, whole}, {.size = size});
  const Signal far = g.add(ops::line_read, std::array{line, whole + 1.0}, {.size = size});
  const Signal y = x + 0.7 * (near + (time - whole) * (far - near));
  g.close(line, y);
  return y;
}

TEST(LongLoop, FollowsATimeThatMovesButStaysLong) {
  const auto moving = [](auto time) {
    Graph g;
    g.output(between(g.input(), time(g), 400));
    EXPECT_EQ(sequential_stages(g), 0);
    expect_oracle(g, 1e-4);
  };
  moving([](Graph& g) { return 100.0 + 50.0 * sin(phasor(g.constant(300)) * two_pi); });
  moving([](Graph& g) { return 60.0 - 40.0 * noise(g); });  // another time each frame
  moving([](Graph& g) { return clamp(30.0 * g.input(), 18.0, 33.0); });
  moving([](Graph& g) {
    const Signal depth = g.param("depth", 20, {.min = 0, .max = 100}), swing = phasor(g.constant(90)) - 0.5;
    return max(abs(swing) * depth + 120.0 - depth * fract(swing * 7.0 + 0.3137), min(depth + 18.5, 20.0));
  });
  moving([](Graph& g) { return floor(dgen::sample_rate(g) * 0.001) * (1.5 - 0.5 * cos(phasor(g.constant(7)) * two_pi)); });
}

TEST(LongLoop, FollowsATimeThatMayBecomeShort) {
  const auto moving = [](auto time, int sequential) {
    Graph g;
    g.output(between(g.input(), time(g, g.input()), 200));
    EXPECT_EQ(sequential_stages(g), sequential);
    expect_oracle(g, 1e-4);
  };
  moving([](Graph& g, Signal) { return 100.0 + 90.0 * sin(phasor(g.constant(3)) * two_pi); }, 1);                  // often so
  moving([](Graph& g, Signal) { return 100.0 + g.param("depth", 20) * sin(phasor(g.constant(3)) * two_pi); }, 0);  // of any depth
  moving([](Graph&, Signal x) { return 100.0 + 50.0 * x; }, 0);
}

TEST(LongLoop, IsWholeWhereTheTimeFollowsFromWhatIsRead) {
  Graph g;
  const Signal line = g.add(ops::line, {}, {.size = 200}), before = ops::cell(g.constant(0));
  const Signal y = g.input() + 0.5 * g.add(ops::line_read, std::array{line, floor(100.0 + 20.0 * tanh(before))}, {.size = 200});
  g.close(line, y), g.close(before, y);
  g.output(y);
  EXPECT_EQ(sequential_stages(g), 1);
  expect_oracle(g, 1e-4);
}

/// The loop is left by its bound as it is, not by the one that the parameter's range allows.
TEST(LongLoop, FollowsABoundThatJumps) {
  Graph g;
  const Signal base = g.param("base", 100, {.min = 20, .max = 300});
  g.output(between(g.input(), base + 0.5 * base * fract(frame_index(g) * 0.013), 500));
  EXPECT_EQ(sequential_stages(g), 0);
  const Program program = compile(g);
  Instance instance(program, sample_rate);
  Interpreter reference(g, sample_rate);
  const std::vector<double> x = white_noise(2400);
  std::int64_t at = 0;
  for (const double value : {100.0, 21.5, 290.0, 3.0, 0.0, 40.0}) {  // also beyond the range
    instance.set("base", value), reference.set("base", value);
    const std::vector<double> part(x.begin() + at, x.begin() + at + 400);
    const std::vector<float> floats(part.begin(), part.end());
    std::vector<float> got(400);
    const float* from[] = {floats.data()};
    float* to[] = {got.data()};
    instance.process(from, to, 400);
    std::vector<std::vector<double>> expected;
    reference.process(Channels{part}, expected, 400);
    for (std::size_t n = 0; n < 400; ++n)
      ASSERT_NEAR(static_cast<double>(got[n]), expected[0][n], 2e-3) << value  // 145 frames times a float's part of a frame
                                                                     << ", frame " << n;
    at += 400;
  }
}

TEST(LongLoop, FollowsATimeThatJumps) {
  Graph g;
  g.output(echo(g.input(), g.param("time", 100), 1000, same));
  const Program program = compile(g);
  Instance instance(program, sample_rate);
  Interpreter reference(g, sample_rate);
  const std::vector<double> x = white_noise(4000);
  std::int64_t at = 0;
  for (const double time : {100.0, 3.0, 999.0, 16.0, 64.0, 1e9, -5.0, 700.0}) {
    instance.set("time", time), reference.set("time", time);
    const std::vector<double> part(x.begin() + at, x.begin() + at + 500);
    const std::vector<float> floats(part.begin(), part.end());
    std::vector<float> got(500);
    const float* from[] = {floats.data()};
    float* to[] = {got.data()};
    instance.process(from, to, 500);
    std::vector<std::vector<double>> expected;
    reference.process(Channels{part}, expected, 500);
    for (std::size_t n = 0; n < 500; ++n)
      ASSERT_NEAR(static_cast<double>(got[n]), expected[0][n], 5e-6) << time << ", frame " << n;
    at += 500;
  }
}

}  // namespace

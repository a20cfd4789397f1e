// Loops through delays whose times move, cut at run time by what the times of the coming frames become, against the double
// interpreter.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "dgen/dsp.h"
#include "dgen/inspect.h"
#include "dgen/math.h"
#include "dgen/segment.h"
#include "dgen/time.h"
#include "support/differences.h"
#include "support/engines.h"
#include "support/play.h"
#include "support/segment_parity.h"

namespace {

using namespace dgen;
using namespace dgen_test;

constexpr double sample_rate = 48000;
constexpr std::int64_t frames = 3000;

bool is_measured(const Graph& g) { return to_text(explain(g)).find("cut to the least that these become") != std::string::npos; }

int sequential_stages(const Graph& g) {
  const Report report = explain(g);
  return static_cast<int>(std::ranges::count(report.stages, "sequential", &StageReport::order));
}

Signal lfo(Signal hz, double phase = 0) { return sin((phasor(hz) + phase) * two_pi); }

Signal same(Signal x) { return x; }

/// y[n] = x[n] + 0.7 filter(y[n - time]), between frames by straight lines.
template <class Filter>
Signal loop(Signal x, Signal time, double longest, Filter filter) {
  Graph& g = *x.graph;
  const Signal past = g.feedback();
  const Signal y = x + 0.7 * filter(past);
  g.close(past, delay(y, time, longest));
  return y;
}

/// The compiled sound is that of the interpreter, in double: a float's time is rounded, by half a unit in the last place of
/// `longest`, and the sound changes by so much of its slope.
void expect_oracle(const Graph& g, double tolerance, std::initializer_list<int> widths = {0}, int sequential = 0) {
  EXPECT_TRUE(is_measured(g));
  EXPECT_EQ(sequential_stages(g), sequential);
  const Channels in{white_noise(frames), white_noise(frames, 7)};
  const Channels used(in.begin(), in.begin() + g.inputs());
  const auto expected = run(g, Engine::float64, used, frames, sample_rate);
  for (const int width : widths) {
    const Program program = compile(g, {.vector_width = width});
    const auto whole = run(program, used, frames, frames, sample_rate);
    for (std::size_t c = 0; c < expected.size(); ++c) {
      for (std::size_t n = 0; n < expected[c].size(); ++n)
        ASSERT_NEAR(whole[c][n], expected[c][n], tolerance) << "output " << c << ", frame " << n << ", width " << width;
    }
    for (const std::int64_t block : {1, 7, 64, 300})
      EXPECT_EQ(run(program, used, frames, block, sample_rate), whole) << "in blocks of " << block << ", width " << width;
  }
}

TEST(MeasuredDelay, RunsAFlangerWithFeedback) {
  Graph g;  // 1 … 10 ms, or what the parameters say
  const Signal depth = g.param("depth", 216), base = g.param("base", 264);
  g.output(loop(g.input(), base + depth * lfo(g.param("rate", 3)), 1000, same));
  expect_oracle(g, 2e-4);
}

TEST(MeasuredDelay, RunsAChorusOfThreeVoices) {
  Graph g;
  const Signal depth = g.param("depth", 100), past = g.feedback();
  const Signal y = g.input() + 0.3 * past;
  Signal sum = g.constant(0);
  for (int voice = 0; voice < 3; ++voice)
    sum = sum + delay(y, 160.0 + depth * lfo(g.param("rate" + std::to_string(voice), 2 + voice), voice / 3.0), 800);
  g.close(past, onepole(sum, 4000));
  g.output(sum), g.output(depth * lfo(g.constant(2)));  // a time may leave as well
  expect_oracle(g, 2e-4);
}

TEST(MeasuredDelay, RunsAStringWithVibrato) {
  Graph g;
  const Signal time = g.param("period", 109) * (1.0 + g.param("vibrato", 0.03) * lfo(g.constant(6)));
  g.output(loop(g.input(), time, 400, [](Signal x) { return 0.6 * x + 0.7 * history(x); }));
  expect_oracle(g, 2e-4);
  Graph damped;  // the filter is a scan, whose vectors lie on a grid
  const Signal moving = damped.param("period", 109) * (1.0 + damped.param("vibrato", 0.03) * lfo(damped.constant(6)));
  damped.output(loop(damped.input(), moving, 400, [](Signal x) { return onepole(x, 5000); }));
  expect_oracle(damped, 2e-4, {4, 8, 16});
}

TEST(MeasuredDelay, GoesDownToAFrame) {
  const auto random = [](auto time, int sequential = 0) {
    Graph g;  // divided by a parameter, so that nothing is known of it
    g.output(loop(g.input(), time(g) / g.param("one", 1), 300, [](Signal x) { return onepole(x, 9000); }));
    expect_oracle(g, 2e-3, {0}, sequential);  // from frame to frame, this time moves by all of a sound
  };
  random([](Graph& g) { return 100.0 * noise(g); });                       // half of them below 1
  random([](Graph& g) { return 40.0 + 60.0 * g.input(1); });               // from the host
  random([](Graph& g) { return 30.0 + 900.0 * onepole(noise(g), 200); });  // a walk
  random(
      [](Graph& g) {
        const Signal y = ops::cell(g.constant(0));
        g.close(y, tanh(0.9 * y + g.input(1)));
        return 60.0 + 59.0 * y;
      },
      1);
}

/// What a loop is expected to do decides how it runs; it does what its parameters say.
TEST(MeasuredDelay, FollowsParametersThatMakeItShort) {
  Graph g;
  const Signal base = g.param("base", 100), depth = g.param("depth", 20);
  g.output(loop(g.input(), base + depth * lfo(g.constant(700)), 400, same));
  EXPECT_TRUE(is_measured(g));
  Instance instance(compile(g), sample_rate);
  Interpreter reference(g, sample_rate);
  const std::vector<double> x = white_noise(2000);
  std::int64_t at = 0;
  for (const auto& [to_base, to_depth] : {std::pair{100.0, 20.0}, {3.0, 0.0}, {200.0, 190.0}, {-4.0, 30.0}, {350.0, 0.0}}) {
    for (const auto& [name, value] : {std::pair{"base", to_base}, {"depth", to_depth}})
      instance.set(name, value), reference.set(name, value);
    const std::vector<double> part(x.begin() + at, x.begin() + at + 400);
    const std::vector<float> floats(part.begin(), part.end());
    std::vector<float> got(400);
    const float* from[] = {floats.data()};
    float* to[] = {got.data()};
    instance.process(from, to, 400);
    std::vector<std::vector<double>> expected;
    reference.process(Channels{part}, expected, 400);
    expect_near(std::vector<double>(got.begin(), got.end()), expected[0], 3e-4);
    at += 400;
  }
}

TEST(MeasuredDelay, ReadsInfinityAndNoNumber) {
  Graph g;
  const Signal x = g.input(), line = g.add(ops::line, {}, {.size = 64});
  const Signal time = g.input(1) / g.param("zero", 0);  // infinities, and 0 / 0
  const Signal y = x + 0.5 * g.add(ops::line_read, std::array{line, time}, {.size = 64});
  g.close(line, y);
  g.output(y);
  EXPECT_TRUE(is_measured(g));
  Channels in{white_noise(600), white_noise(600, 3)};
  for (std::size_t n = 0; n < in[1].size(); n += 7) in[1][n] = 0;
  const auto expected = run(g, Engine::float64, in, 600, sample_rate);
  for (const std::int64_t block : {1, 64, 600}) expect_near(run(compile(g), in, 600, block, sample_rate)[0], expected[0], 1e-5);
}

TEST(MeasuredDelay, FollowsATimeThatTheLoopMakes) {
  Graph g;  // through a line of 64 frames, which is long for whatever comes out of it
  const Signal past = g.feedback(), slow = g.feedback();
  const Signal y = g.input() + 0.4 * past;
  g.close(slow, delay(y, g.constant(64), 64.0));
  g.close(past, delay(y, 120.0 + g.param("depth", 30) * tanh(onepole(slow, 20)), 400));
  g.output(y);
  expect_oracle(g, 2e-3);  // the time is a float that noise has moved
}

TEST(MeasuredDelay, StandsBesideWhatNeedsWholeBlocks) {
  Graph g;
  const Signal swing = lfo(g.param("rate", 5)), y = loop(g.input(), 150.0 + g.param("depth", 100) * swing, 400, same);
  g.output(y);
  g.output(biquad(biquad(y, 1000, 2), 2000, 3) + delay(swing, 3.0, 8.0) * delay(y, 50.0 + 10.0 * swing, 100.0));
  const Signal fixed = g.feedback();
  g.close(fixed, delay(0.5 * fixed + y, g.param("fixed", 37), 100.0));
  g.output(fixed + g.input());
  g.output(g.param("still", 3) + 0.0 * g.input());
  g.output(g.input());
  expect_oracle(g, 3e-4);
}

TEST(MeasuredDelay, MayWriteOverItsInput) {
  Graph g;
  const Signal time = 90.0 + 50.0 * g.input(1), y = loop(g.input(), time, 300, same);
  g.output(y), g.output(time + g.input());
  const Channels in{white_noise(1000), white_noise(1000, 5)};
  const Program program = compile(g);
  const auto expected = run(program, in, 1000, 1000, sample_rate);
  Instance instance(program, sample_rate);
  std::vector<std::vector<float>> memory;
  for (const auto& channel : in) memory.emplace_back(channel.begin(), channel.end());
  for (std::int64_t at = 0; at < 1000; at += 125) {
    const float* from[] = {memory[0].data() + at, memory[1].data() + at};
    float* to[] = {memory[0].data() + at, memory[1].data() + at};
    instance.process(from, to, 125);
  }
  for (std::size_t c = 0; c < 2; ++c) EXPECT_EQ(std::vector<double>(memory[c].begin(), memory[c].end()), expected[c]);
}

TEST(MeasuredDelay, LeavesLoopsThatItCannotCut) {
  Graph g;  // the time depends on what is read
  const Signal past = g.feedback();
  g.close(past, delay(g.input() + 0.5 * past, 100.0 + 50.0 * history(past), 200.0));
  g.output(past);
  EXPECT_FALSE(is_measured(g));
  EXPECT_EQ(sequential_stages(g), 1);
  Graph near;  // often short
  near.output(loop(near.input(), 100.0 + 90.0 * lfo(near.constant(3)), 300, same));
  EXPECT_FALSE(is_measured(near));
  Graph far;  // always long
  far.output(loop(far.input(), 400.0 + 40.0 * lfo(far.constant(3)), 900, same));
  EXPECT_FALSE(is_measured(far));
  EXPECT_EQ(sequential_stages(far), 0);
}

/// A flanger, a filter in its loop, and a loss that weighs its frames.
struct FlangerLoss {
  Graph g;
  Signal depth = g.param("depth", 21.37), base = g.param("base", 60.0629), gain = g.param("gain", 0.6);
  Signal loss;
  FlangerLoss() {
    const Signal past = g.feedback();
    const Signal y = g.input() + gain * past;
    g.close(past, delay(onepole(y, 7000), base + depth * lfo(g.constant(40)), 200.0));
    loss = ops::time_sum(y * y * sin(0.01 * frame_index(g)));
  }
};

/// Gradients of the compiled loop against those of the interpreter, and these against differences of its loss. No time of the
/// first 200 frames is within 0.014 of a whole frame, where the slope jumps.
TEST(MeasuredDelay, HasAGradient) {
  const Channels in{white_noise(700)};
  for (const char* const name : {"depth", "base", "gain"}) {
    FlangerLoss flanger;
    for (const int param : flanger.g.params()) {
      if (flanger.g[param].attributes.param->name != name) continue;
      const auto c = dgen::testing::compare_gradient(flanger.g, flanger.loss, param,
                                                     {std::vector(in[0].begin(), in[0].begin() + 200)}, 200, sample_rate);
      EXPECT_GT(std::fabs(c.difference), 0.01) << name;
      EXPECT_NEAR(c.exact, c.difference, 1e-6 * std::fmax(1, std::fabs(c.difference))) << name;
      break;
    }
  }
  FlangerLoss flanger;
  const Gradient d = gradient(flanger.loss, std::array{flanger.depth, flanger.base, flanger.gain, flanger.g.input()});
  const std::vector<Signal> wanted{flanger.loss, d.of[0], d.of[1], d.of[2], d.of[3]};
  const SegmentProgram program = compile_segment(wanted);
  EXPECT_NE(program.explain().find("cut to the least that these become"), std::string::npos);
  SegmentInterpreter reference(flanger.g, wanted, sample_rate);
  EXPECT_LT(dgen::testing::difference(reference.evaluate(in, 700), dgen::testing::results(program, in, 700, sample_rate)), 1e-3);
}

}  // namespace

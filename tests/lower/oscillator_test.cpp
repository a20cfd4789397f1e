// Sines of steady phases, which run as rotations: against the double interpreter, in blocks of any size, and while they are
// tuned.

#include <gtest/gtest.h>

#include <cmath>

#include "dgen/dsp.h"
#include "dgen/inspect.h"
#include "dgen/interpreter.h"
#include "dgen/math.h"
#include "support/engines.h"
#include "support/play.h"

namespace {

using namespace dgen;
using namespace dgen_test;

constexpr double sample_rate = 48000;

/// Low, high, negative and still ones; sines, a cosine, and a phase that runs from -0.5 to 0.5.
void add_oscillators(Graph& g, Signal pitch) {
  for (const double factor : {0.001, 0.5, 1.0, 7.3, 150.0, -3.0, 0.0}) g.output(sin(phasor(pitch * factor) * two_pi));
  g.output(cos(two_pi * phasor(pitch)) + 0.5 * sin(phasor(pitch) * two_pi));
  const Signal y = ops::cell(g.constant(0));
  const Signal next = ops::wrap(y + pitch / sample_rate, -0.5, 0.5);
  g.close(y, next);
  g.output(sin(next * two_pi));
}

TEST(Oscillators, AreExactForLong) {
  Graph g;
  add_oscillators(g, g.param("pitch", 110.25));
  const auto expected = run(g, Engine::float64, {}, 50000, sample_rate), got = run(g, Engine::cpu, {}, 50000, sample_rate);
  for (std::size_t c = 0; c < expected.size(); ++c) {
    for (std::size_t n = 0; n < expected[c].size(); ++n) ASSERT_NEAR(got[c][n], expected[c][n], 1e-6) << c << " at " << n;
  }
}

TEST(Oscillators, DoNotDependOnTheBlockSize) {
  Graph g;
  add_oscillators(g, g.param("pitch", 441.7));
  const Program program = compile(g);
  const auto whole = run(program, {}, 1000, 1000, sample_rate);
  for (const std::int64_t block : {1, 7, 64, 300}) EXPECT_EQ(run(program, {}, 1000, block, sample_rate), whole) << block;
}

TEST(Oscillators, FollowAPitchThatJumpsInsideAVector) {
  Graph g;
  add_oscillators(g, g.param("pitch", 100));
  Instance instance(compile(g), sample_rate);
  Interpreter reference(g, sample_rate);
  const std::size_t channels = g.outputs().size();
  for (const std::int64_t block : {3, 16, 5, 1, 40, 7, 64, 2, 300, 11}) {
    const double pitch = 100.0 + static_cast<double>(block);
    instance.set("pitch", pitch), reference.set("pitch", pitch);
    std::vector<std::vector<float>> got(channels, std::vector<float>(static_cast<std::size_t>(block)));
    std::vector<float*> to;
    for (std::vector<float>& channel : got) to.push_back(channel.data());
    instance.process(nullptr, to.data(), block);
    std::vector<std::vector<double>> expected;
    reference.process({}, expected, block);
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t n = 0; n < got[c].size(); ++n) EXPECT_NEAR(static_cast<double>(got[c][n]), expected[c][n], 1e-6) << c;
    }
  }
}

/// Banks of weights that rest and that are parameters, beside oscillators that something else takes, too.
void add_banks(Graph& g, Signal pitch) {
  const Signal level = g.param("level", 0.4);
  Signal all{}, few{};
  std::vector<Signal> partials;
  for (int k = 1; k <= 37; ++k) {
    partials.push_back(sin(phasor(pitch * k) * two_pi));
    const Signal weighted = k % 3 == 0 ? partials.back() : partials.back() * (k % 3 == 1 ? g.constant(1.0 / k) : level);
    all = all ? all + weighted : weighted;
  }
  for (int k = 1; k <= 5; ++k) few = (few ? few : g.input() * 0.1) + cos(two_pi * phasor(pitch * (0.3 * k))) * level;
  g.output(all * 0.1);
  g.output((partials[3] + partials[4] * 0.5) + (partials[5] + 0.25 * partials[6]));
  g.output(few * partials[7]);
}

TEST(Oscillators, OfABankAreTheirSum) {
  Graph g;
  add_banks(g, g.param("pitch", 110.25));
  const std::vector<std::vector<double>> in(1, std::vector<double>(3000, 0.5));
  const auto expected = run(g, Engine::float64, in, 3000, sample_rate);
  for (const int width : {4, 8, 16}) {
    const Program program = compile(g, {.vector_width = width});
    const auto whole = run(program, in, 3000, 3000, sample_rate);
    for (std::size_t c = 0; c < expected.size(); ++c) {
      for (std::size_t n = 0; n < expected[c].size(); ++n)
        ASSERT_NEAR(whole[c][n], expected[c][n], 4e-6) << c << " at " << n << ", width " << width;
    }
    for (const std::int64_t block : {1, 7, 64, 300})
      ASSERT_EQ(run(program, in, 3000, block, sample_rate), whole) << "blocks of " << block << ", width " << width;
  }
}

TEST(Oscillators, SayHowTheyRun) {
  Graph g;
  add_oscillators(g, g.param("pitch", 100));
  std::string all;
  for (const StageReport& stage : explain(g).stages) all += stage.why + "\n";
  EXPECT_NE(all.find("sines of phases turn from frame to frame, from exact angles"), std::string::npos) << all;
}

}  // namespace

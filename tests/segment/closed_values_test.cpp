// Compiled losses and gradients whose values a formula gives, and second derivatives against the reference.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "dgen/compare.h"
#include "dgen/filters.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "support/differences.h"
#include "support/random_graph.h"
#include "support/segment_parity.h"
#include "support/weighted_loss.h"

namespace {

using namespace dgen;
using Channels = std::vector<std::vector<double>>;

/// The loss and its derivative by `wrt`, compiled.
std::array<double, 2> evaluate(Signal loss, Signal wrt, const Channels& in, std::int64_t frames) {
  const std::array<Signal, 2> wanted{loss, gradient(loss, std::array{wrt}).of[0]};
  const Channels values = dgen::testing::results(compile_segment(wanted), in, frames, 44100);
  return {values[0][0], values[1][0]};
}

TEST(CompiledGradient, OfADecayByItsRate) {
  // y[n] = r y[n-1], y[0] = 1: the sum of squares is (1 - r^128) / (1 - r^2).
  Graph g;
  const Signal r = g.param("r", 0.8);
  const Signal y = ops::cell(g.constant(1));
  g.close(y, r * y);
  const auto [loss, slope] = evaluate(ops::time_sum(y * y), r, {}, 64);
  EXPECT_NEAR(loss, 2.7777778, 1e-4 * loss);
  EXPECT_NEAR(slope, 12.345679, 1e-4 * 12.345679);
}

TEST(CompiledGradient, OfALowPassByItsCutoff) {
  Graph g;
  const Signal z = g.param("z", std::log(2000.0));
  const Signal error = biquad_lowpass(g.input(0), exp(z), 0.707) - 0.5 * g.input(0);
  std::vector<double> x;
  for (int n = 0; n < 512; ++n) x.push_back(std::sin(2 * pi * 3000 * n / 44100));
  const auto [loss, slope] = evaluate(ops::time_sum(error * error), z, {x}, 512);
  EXPECT_NEAR(loss, 157.36722, 1e-4 * 157.36722);
  EXPECT_NEAR(slope, 126.89112, 1e-4 * 126.89112);
}

TEST(CompiledGradient, ReachesAnInitialValue) {
  Graph g;
  const Signal start = g.param("start", 2);
  const Signal y = ops::cell(start);
  g.close(y, 0.5 * y);
  EXPECT_DOUBLE_EQ(evaluate(ops::time_sum(y), start, {}, 4)[1], 1.875);
}

TEST(CompiledGradient, IsNotPoisonedByABranchThatIsNotTaken) {
  Graph g;
  const Signal x = g.param("x", 0);
  const Signal safe = select(gt(x, 0.5), sqrt(x) / x, 3 * x);  // sqrt(0)/0 and its slope are not numbers
  const Signal least = min(1.0 / (x * x), 7.0);                // the slope of 1/0 is infinite
  EXPECT_DOUBLE_EQ(evaluate(ops::time_sum(safe + least), x, {}, 2)[1], 6);
}

TEST(CompiledGradient, OfALossThatNeedsTwoRunsForward) {
  // The peak-normalised error needs the energy of the whole segment before its frames: sums within the loss.
  Graph g;
  const Signal gain = g.param("gain", 0.7);
  const Signal past = ops::cell(g.constant(0));
  const Signal y = tanh(gain * g.input() + 0.5 * past);
  g.close(past, y);
  const Signal level = sqrt(time_mean(y * y));
  const Signal smooth = ops::cell(g.constant(0));
  g.close(smooth, 0.9 * smooth + 0.1 * (y / level));
  const Signal loss = time_mean(smooth * smooth * g.input());
  const Channels in = dgen::testing::random_input(3, 1, 700);
  const std::array<Signal, 2> wanted{loss, gradient(loss, std::array{gain}).of[0]};
  const Channels expected = SegmentInterpreter(g, wanted, 44100).evaluate(in, 700);
  EXPECT_LE(dgen::testing::difference(expected, dgen::testing::results(compile_segment(wanted), in, 700, 44100), 1e-6), 1e-4);
}

TEST(CompiledGradient, OfGradientsOfRandomGraphs) {
  constexpr std::int64_t frames = 150;
  std::vector<dgen::testing::RandomGraph> graphs;
  std::vector<std::vector<Signal>> wanted;
  for (std::uint64_t seed = 2000; graphs.size() < 30; ++seed) {
    dgen::testing::RandomGraph random = dgen::testing::random_graph(seed);
    Graph& g = *random.graph;
    if (g.params().empty() || g.size() > 30) continue;
    std::vector<Signal> params;
    for (const int id : g.params()) params.push_back({&g, id});
    Signal slopes{};
    for (const Signal d : gradient(dgen::testing::weighted_loss(g), params).of) {
      if (d) slopes = slopes ? slopes + d * d : d * d;
    }
    if (!slopes) continue;
    std::vector<Signal> second{slopes};
    for (const Signal d : gradient(slopes, params).of) {
      if (d) second.push_back(d);
    }
    if (second.size() == 1) continue;
    wanted.push_back(second);
    graphs.push_back(std::move(random));
  }
  constexpr std::size_t compiled = 12;  // all of them are compared with differences
  const std::vector<SegmentProgram> programs = compile_segments(std::span(wanted).first(compiled));
  int entries = 0, skipped = 0;
  for (std::size_t k = 0; k < graphs.size(); ++k) {
    const Channels in = dgen::testing::random_input(graphs[k].seed, graphs[k].graph->inputs(), frames);
    Graph& g = *graphs[k].graph;
    const Channels expected = SegmentInterpreter(g, wanted[k], 48000).evaluate(in, frames);
    if (k < compiled) {
      EXPECT_LE(dgen::testing::difference(expected, dgen::testing::results(programs[k], in, frames)), 1e-3)
          << to_text(graphs[k]) << programs[k].explain();
    }
    for (const int param : std::vector<int>(g.params().begin(), g.params().end())) {
      const dgen::testing::Comparison c = dgen::testing::compare_gradient(g, wanted[k][0], param, in, frames);
      const double scale = std::fmax(1, std::fabs(c.difference));
      ++entries;
      if (std::fabs(c.difference - c.other_step) > 3e-6 * scale) {
        ++skipped;  // a jump or a kink lies between the steps
      } else {
        EXPECT_NEAR(c.exact, c.difference, 1e-5 * scale) << to_text(graphs[k]);
      }
    }
  }
  std::printf("%d second derivatives, %d skipped because two steps disagree\n", entries, skipped);
  EXPECT_LE(skipped, entries / 10);
}

}  // namespace

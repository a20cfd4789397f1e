// Phase accumulators in fixed point, against the closed form of the running sum.

#include <gtest/gtest.h>

#include <cmath>

#include "dgen/dsp.h"
#include "dgen/inspect.h"
#include "dgen/math.h"
#include "dgen/program.h"
#include "dgen/time.h"

namespace {

using namespace dgen;

std::vector<float> run(const Graph& g, std::int64_t frames, std::int64_t block, const std::vector<float>& input = {},
                       int width = 0) {
  Instance instance(compile(g, {.vector_width = width}), 48000);
  std::vector<float> out(static_cast<std::size_t>(frames));
  for (std::int64_t at = 0; at < frames; at += block) {
    const float* in[] = {input.empty() ? nullptr : input.data() + at};
    float* to[] = {out.data() + at};
    instance.process(in, to, std::min(block, frames - at));
  }
  return out;
}

double fraction(double x) { return x - std::floor(x); }

/// Distance on the circle of one period.
double circular(double a, double b) { return std::fabs(fraction(a - b + 0.5) - 0.5); }

TEST(Phasor, DoesNotDriftInTwentySeconds) {
  Graph g;
  g.output(phasor(g.param("frequency", 440.123)));
  const std::int64_t frames = 960000;
  const std::vector<float> y = run(g, frames, 512);
  double worst = 0;
  const double increment = static_cast<double>(440.123f) / 48000;  // the host's parameters are floats
  for (std::int64_t n = 0; n < frames; ++n)
    worst = std::fmax(worst, circular(y[static_cast<std::size_t>(n)], increment * static_cast<double>(n)));
  EXPECT_LT(worst, 1.3e-7);  // 2^-24 of the float and 2^-53 per frame of the step
}

TEST(Phasor, GivesTheSameBitsForAnyBlockAndWidth) {
  Graph g;
  g.output(phasor(g.param("frequency", -1234.5)));
  const std::vector<float> expected = run(g, 5000, 5000);
  for (const std::int64_t block : {1, 7, 64, 128, 4096}) EXPECT_EQ(run(g, 5000, block), expected) << "block " << block;
  for (const int width : {4, 8, 16}) EXPECT_EQ(run(g, 5000, 5000, {}, width), expected) << "width " << width;
}

TEST(Phasor, StaysBelowOne) {
  Graph g;
  g.output(phasor(g.param("frequency", 47999.9999)));
  for (const float y : run(g, 100000, 4096)) {
    ASSERT_GE(y, 0.0f);
    ASSERT_LT(y, 1.0f);
  }
}

TEST(Phasor, IsZeroWhereAPeriodEnds) {
  Graph g;
  g.output(phasor(g.param("frequency", 480)));
  const std::vector<float> y = run(g, 960000, 512);
  for (std::size_t n = 0; n < y.size(); n += 100) ASSERT_EQ(y[n], 0.0f) << "frame " << n;
  for (std::size_t n = 0; n < y.size(); n += 25) ASSERT_EQ(y[n] * 4, static_cast<float>(n / 25 % 4)) << "frame " << n;
}

TEST(Phasor, OfSteadyFrequencyRunsInParallel) {
  Graph g;
  g.output(sin(phasor(g.param("frequency", 440)) * two_pi));
  const Report report = explain(g);
  for (const StageReport& stage : report.stages) EXPECT_NE(stage.order, "sequential");
}

TEST(Phasor, FollowsAFrequencyThatChangesPerSample) {
  Graph g;
  g.output(phasor(g.input()));
  std::vector<float> frequency(4800);
  for (std::size_t n = 0; n < frequency.size(); ++n) frequency[n] = 1000 * std::sin(0.01f * static_cast<float>(n));
  const std::vector<float> y = run(g, 4800, 64, frequency);
  double phase = 0;
  for (std::size_t n = 0; n < y.size(); ++n) {
    ASSERT_LT(circular(y[n], phase), 2e-6) << "frame " << n;  // the increment is rounded to float every frame
    phase += frequency[n] / 48000.0;
  }
}

TEST(Accum, WrapsIntoItsRangeAndStartsAtZero) {
  Graph g;
  g.output(accum(g.param("increment", 0.3), 0.0, -1.0, 1.0));
  const std::vector<float> y = run(g, 1000, 7);
  for (std::size_t n = 0; n < y.size(); ++n) {
    const double expected = 2 * fraction((1 + static_cast<double>(0.3f) * static_cast<double>(n)) / 2) - 1;
    ASSERT_LT(2 * circular(y[n] / 2.0, expected / 2), 3e-7) << "frame " << n;
  }
}

TEST(Accum, CountsWholeNumbersExactly) {
  for (const int range : {1, 2, 3, 10, 64, 1000, 48000}) {
    Graph g;
    g.output(accum(g.constant(1), 0.0, 0.0, static_cast<double>(range)));
    const std::vector<float> y = run(g, 100000, 4096);
    for (std::size_t n = 0; n < y.size(); ++n)
      ASSERT_EQ(y[n], static_cast<float>(n % static_cast<std::size_t>(range))) << "range " << range;
  }
}

TEST(Accum, StartsAgainAtMinOnReset) {
  Graph g;
  g.output(accum(0.25, g.input(), -1.0, 1.0));
  std::vector<float> reset(12, 0.0f);
  reset[5] = 1;
  const std::vector<float> y = run(g, 12, 4, reset);
  const std::vector<float> expected{0, 0.25f, 0.5f, 0.75f, -1, -0.75f, -1, -0.75f, -0.5f, -0.25f, 0, 0.25f};
  EXPECT_EQ(y, expected);
}

}  // namespace

// Gradients through everything that moves in time, against central differences of the loss in double.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "dgen/dsp.h"
#include "dgen/math.h"
#include "dgen/memory.h"
#include "dgen/time.h"
#include "support/differences.h"
#include "support/random_graph.h"
#include "support/weighted_loss.h"

namespace {

using namespace dgen;
using dgen::testing::compare_gradient;
using dgen::testing::Comparison;
using dgen::testing::weighted_loss;
using Channels = std::vector<std::vector<double>>;

constexpr std::int64_t frames = 60;

void expect_gradient(Graph& g) {
  const Signal loss = weighted_loss(g);
  const Channels in = dgen::testing::random_input(7, g.inputs(), frames);
  const std::vector<int> params(g.params().begin(), g.params().end());
  for (const int param : params) {
    const Comparison c = compare_gradient(g, loss, param, in, frames);
    EXPECT_NEAR(c.exact, c.difference, 1e-7 * std::fmax(1, std::fabs(c.difference))) << g[param].attributes.param->name;
  }
}

TEST(FiniteDifferences, ThroughAnEchoOfSteadyTime) {
  Graph g;
  const Signal loop = g.feedback();
  const Signal x = g.input() + loop * g.param("feedback", 0.6);
  g.close(loop, delay(tanh(x), g.param("time", 7.3), 32.0));
  g.output(x);
  expect_gradient(g);
}

TEST(FiniteDifferences, ThroughAModulatedDelay) {
  Graph g;
  const Signal time = g.param("center", 6.37) + g.param("depth", 3.1) * sin(0.4 * frame_index(g));
  g.output(delay(g.input() * g.param("gain", 0.7), time, 16.0));
  g.output(delay(g.input() * g.param("gain 2", 0.7), time, 16.0, 3.0));
  expect_gradient(g);
}

TEST(FiniteDifferences, ThroughAModulatedDelayInALoop) {
  Graph g;
  const Signal loop = g.feedback();
  const Signal x = g.input() + 0.8 * loop;
  const Signal time = g.param("center", 6.37) + g.param("depth", 3.1) * sin(0.4 * frame_index(g));
  g.close(loop, delay(x * g.param("gain", 0.7), time, 16.0));
  g.output(x);
  expect_gradient(g);
}

TEST(FiniteDifferences, ThroughATableThatIsWritten) {
  Graph g;
  const Signal memory = table(g, {0.1, -0.2, 0.3, 0.4, -0.5, 0.6, 0.7}, "memory");
  const Signal where = 3.3 + g.param("depth", 2.63) * sin(0.7 * frame_index(g));
  const Signal old = memory_read(memory, where, 1.0, 1.0);
  const Signal version = memory_write(memory, wrap(frame_index(g), 0.0, 7.0), g.param("gain", 0.5) * old + g.input());
  const Signal fresh = seq(version, memory_read(memory, where + 1.4, 0.0, 1.0));
  g.output(old);
  g.output(tanh(fresh));
  expect_gradient(g);
}

TEST(FiniteDifferences, ThroughACompressorAndALatch) {
  Graph g;
  g.output(compressor(g.input(), g.param("ratio", 4), g.param("threshold", -20), g.param("knee", 6), 0.0005, 0.002));
  g.output(latch(g.param("held", 0.4) * g.input(), click(g)));
  expect_gradient(g);
}

TEST(FiniteDifferences, OfRandomGraphs) {
  int entries = 0, skipped = 0;
  double worst = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    auto random = dgen::testing::random_graph(seed);
    Graph& g = *random.graph;
    const Signal loss = weighted_loss(g);
    const Channels in = dgen::testing::random_input(seed, g.inputs(), frames);
    const std::vector<int> params(g.params().begin(), g.params().end());
    std::vector<Comparison> all;
    double largest = 1;
    for (const int param : params) {
      all.push_back(compare_gradient(g, loss, param, in, frames));
      largest = std::fmax(largest, std::fabs(all.back().difference));
    }
    for (const Comparison& c : all) {
      ++entries;
      // Two steps that disagree: a jump or a kink lies between them.
      if (std::fabs(c.difference - c.other_step) > 3e-7 * largest) {
        ++skipped;
        continue;
      }
      worst = std::fmax(worst, std::fabs(c.exact - c.difference) / largest);
      ASSERT_NEAR(c.exact, c.difference, 1e-6 * largest) << to_text(random);
    }
  }
  std::printf("%d gradients, %d skipped because two steps disagree, worst error %.2g\n", entries, skipped, worst);
  EXPECT_LE(skipped, entries / 20);
}

}  // namespace

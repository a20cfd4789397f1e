// Functions of particular arguments that have a lowering of their own, against the double interpreter.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "dgen/math.h"
#include "support/engines.h"
#include "support/play.h"

namespace {

using namespace dgen;
using namespace dgen_test;

constexpr double ulp = 0x1p-23;

TEST(PowerOfAConstant, IsCloseOverItsRange) {
  const std::vector<double> bases{10, 2, 0.5, 1.0594630943592953, 0.001, 1e6};
  Graph g;
  for (const double base : bases) g.output(pow(g.constant(base), g.input()));
  const Channels in{sequence(20000, [](double n) { return static_cast<double>(static_cast<float>((n - 10000) * 0.0113)); })};
  const Channels out = run(g, Engine::cpu, in, 20000, 48000);
  for (std::size_t b = 0; b < bases.size(); ++b) {
    for (std::size_t n = 0; n < 20000; ++n) {
      const double exact = std::pow(bases[b], in[0][n]);
      if (exact < 1.2e-38) {
        ASSERT_LE(out[b][n], 1.2e-38) << bases[b] << " to the power " << in[0][n];
      } else if (exact > 3.4e38) {
        ASSERT_EQ(out[b][n], std::numeric_limits<double>::infinity()) << bases[b] << " to the power " << in[0][n];
      } else {
        ASSERT_NEAR(out[b][n] / exact, 1, 3 * ulp) << bases[b] << " to the power " << in[0][n];
      }
    }
  }
}

TEST(PowerOfAConstant, TakesWhatIsNoNumber) {
  Graph g;
  g.output(pow(g.constant(10), g.input()));
  const double infinity = std::numeric_limits<double>::infinity();
  const Channels out = run(g, Engine::cpu, {{0, -0.0, infinity, -infinity, std::nan("")}}, 5, 48000);
  EXPECT_EQ(out[0][0], 1);
  EXPECT_EQ(out[0][1], 1);
  EXPECT_EQ(out[0][2], infinity);
  EXPECT_EQ(out[0][3], 0);
  EXPECT_TRUE(std::isnan(out[0][4]));
}

TEST(TangentOfHalfTurns, IsCloseBetweenItsPoles) {
  Graph g;
  g.output(tan(g.input() * std::numbers::pi));
  const Channels in{sequence(20000, [](double n) { return static_cast<double>(static_cast<float>((n - 10000) * 1.37e-4)); })};
  const Channels out = run(g, Engine::cpu, in, 20000, 48000);
  for (std::size_t n = 0; n < 20000; ++n) {
    const double half_turns = in[0][n] - std::round(in[0][n]);
    const double exact = half_turns == 0 ? 0 : std::tan(std::numbers::pi * half_turns);
    ASSERT_NEAR(out[0][n], exact, 4 * ulp * std::fabs(exact)) << "tan(pi " << in[0][n] << ")";
  }
}

}  // namespace

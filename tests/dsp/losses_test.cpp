// Losses against sums written out here in plain loops, and their gradients against central differences.

#include "dgen/losses.h"

#include <gtest/gtest.h>

#include <numeric>

#include "dgen/filters.h"
#include "dgen/math.h"
#include "support/differences.h"
#include "support/expect_error.h"
#include "support/play.h"

namespace {

using namespace dgen_test;
namespace ops = dgen::ops;
using dgen::ErrorCode;
using dgen::Graph;
using dgen::LossOptions;
using dgen::Operand;
using dgen::Reduction;
using dgen::Signal;
using Values = std::vector<double>;
using Loss = Signal (*)(Operand, Operand, const LossOptions&);

constexpr std::int64_t frames = 97;

/// The loss of host channel 0 against host channel 1, from reset.
Values evaluate(Loss loss, const LossOptions& options, const Values& x, const Values& target) {
  Graph g;
  const std::array<Signal, 1> wanted{loss(g.input(0), g.input(1), options)};
  const Channels in{x, target};
  return dgen::SegmentInterpreter(g, wanted, 48000).evaluate(in, static_cast<std::int64_t>(x.size()))[0];
}

Values emphasised(const Values& x, double p) {
  Values y;
  for (std::size_t n = 0; n < x.size(); ++n) y.push_back(x[n] - (n > 0 ? p * x[n - 1] : 0));
  return y;
}

double dot(const Values& a, const Values& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

Values minus(const Values& a, const Values& b) {
  Values y;
  for (std::size_t n = 0; n < a.size(); ++n) y.push_back(a[n] - b[n]);
  return y;
}

double sum(const Values& x) { return std::accumulate(x.begin(), x.end(), 0.0); }

struct PerFrame {
  const char* name;
  Loss loss;
  double (*of_error)(double);
};

const std::array per_frame{PerFrame{"mse", dgen::mse, [](double e) { return e * e; }},
                           PerFrame{"l1", dgen::l1, [](double e) { return std::fabs(e); }},
                           PerFrame{"log_cosh", dgen::log_cosh, [](double e) { return std::log(std::cosh(e)); }}};

const std::array losses{dgen::mse, dgen::l1, dgen::log_cosh, dgen::esr, dgen::si_sdr};

TEST(Losses, OfFramesAreTheirFormula) {
  const Values x = white_noise(frames, 1), target = white_noise(frames, 2);
  for (const double p : {0.0, 0.85}) {
    const Values error = emphasised(minus(x, target), p);
    for (const PerFrame& one : per_frame) {
      SCOPED_TRACE(one.name);
      Values expected;
      for (const double e : error) expected.push_back(one.of_error(e));
      const auto got = [&](Reduction reduction) {
        return evaluate(one.loss, {.reduction = reduction, .pre_emphasis = p}, x, target);
      };
      expect_near(got(Reduction::none), expected, 1e-14);
      expect_near(got(Reduction::sum), {sum(expected)}, 1e-12);
      expect_near(got(Reduction::mean), {sum(expected) / static_cast<double>(frames)}, 1e-14);
    }
  }
}

TEST(Losses, OfRatiosAreTheirFormula) {
  const Values x = white_noise(frames, 1), target = white_noise(frames, 2);
  for (const double p : {0.0, 0.85}) {
    const Values a = emphasised(x, p), b = emphasised(target, p), e = minus(a, b);
    EXPECT_NEAR(evaluate(dgen::esr, {.pre_emphasis = p}, x, target)[0], dot(e, e) / dot(b, b), 1e-14);
    Values projected;
    for (const double v : b) projected.push_back(dot(a, b) / dot(b, b) * v);
    const Values rest = minus(a, projected);
    const double expected = -10 * std::log10(dot(projected, projected) / dot(rest, rest));
    EXPECT_NEAR(evaluate(dgen::si_sdr, {.pre_emphasis = p}, x, target)[0], expected, 1e-6);  // 1e-10 of distortion a frame
  }
}

TEST(Losses, OfScaledSignalsHaveTheSameScaleInvariantRatio) {
  const Values x = white_noise(frames, 1), target = white_noise(frames, 2);
  Values louder;
  for (std::size_t n = 0; n < x.size(); ++n) louder.push_back(4 * (target[n] + 0.01 * x[n]));
  Values same;
  for (const double v : louder) same.push_back(v / 4);
  EXPECT_NEAR(evaluate(dgen::si_sdr, {}, louder, target)[0], evaluate(dgen::si_sdr, {}, same, target)[0], 1e-4);
}

TEST(LogCosh, IsExactFarFromZeroAndNearIt) {
  const LossOptions none{.reduction = Reduction::none};
  const Values error{1e-8, 1e-4, 0.999999, 1, 1.000001, 50, -1000, 0};
  const Values y = evaluate(dgen::log_cosh, none, error, Values(error.size(), 0.0));
  EXPECT_NEAR(y[0], 0.5e-16, 1e-24);  // x^2 / 2 - x^4 / 12
  EXPECT_NEAR(y[1], 0.5e-8 - 1e-16 / 12, 1e-22);
  for (const std::size_t n : {2u, 3u, 4u, 5u}) EXPECT_NEAR(y[n], std::log(std::cosh(error[n])), 1e-15 * error[n] + 1e-15) << n;
  EXPECT_NEAR(y[6], 1000 - std::log(2.0), 1e-12);
  EXPECT_EQ(y[7], 0);
}

TEST(Losses, HaveTheGradientsOfTheirDifferences) {
  for (const double p : {0.0, 0.85}) {
    for (const Loss loss : losses) {
      for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
        if (reduction == Reduction::sum && (loss == dgen::esr || loss == dgen::si_sdr)) continue;
        Graph g;
        const Signal x = onepole(g.input(0), g.param("cutoff", 900)) * g.param("gain", 0.7);
        // Against a target that has nothing of x, si_sdr would be the logarithm of a rounding error.
        const Signal target = g.input(1) + 0.5 * g.input(0);
        const Signal value = loss(x, target, {.reduction = reduction, .pre_emphasis = p});
        const Channels in{white_noise(frames, 1), white_noise(frames, 2)};
        for (const int param : std::vector<int>(g.params().begin(), g.params().end())) {
          const auto c = dgen::testing::compare_gradient(g, value, param, in, frames);
          EXPECT_NE(c.exact, 0);
          // l1 has kinks, of which the steps cross none here
          EXPECT_NEAR(c.exact, c.difference, 1e-8 * std::fmax(1, std::fabs(c.difference))) << g[value.id].path << " " << p;
        }
      }
    }
  }
}

/// Value and gradient by a gain on the signal; the target is host channel 1.
std::array<double, 2> value_and_slope(Loss loss, const Values& x, const Values& target) {
  Graph g;
  const Signal gain = g.param("gain", 1);
  const Signal value = loss(gain * g.input(0), g.input(1), {.pre_emphasis = 0.85});
  const dgen::Gradient d = gradient(value, std::array{gain});
  const std::array<Signal, 2> wanted{value, d.of[0]};
  const Channels in{x, target};
  const auto y = dgen::SegmentInterpreter(g, wanted, 48000).evaluate(in, static_cast<std::int64_t>(x.size()));
  return {y[0][0], y[1][0]};
}

TEST(Losses, AreFiniteOnSilence) {
  const Values silent(frames, 0.0), sound = white_noise(frames, 3);
  for (const Loss loss : losses) {
    for (const Values& x : {silent, sound}) {
      for (const Values& target : {silent, sound}) {
        for (const double v : value_and_slope(loss, x, target)) EXPECT_TRUE(std::isfinite(v));
      }
    }
  }
  EXPECT_EQ(value_and_slope(dgen::mse, silent, silent)[0], 0);
  EXPECT_EQ(value_and_slope(dgen::esr, silent, silent)[0], 0);
  EXPECT_NEAR(value_and_slope(dgen::si_sdr, silent, sound)[0], 100, 1e-9);
  EXPECT_NEAR(value_and_slope(dgen::si_sdr, sound, silent)[0], 100, 1e-9);
  EXPECT_LT(value_and_slope(dgen::si_sdr, sound, sound)[0], -80);
}

TEST(Losses, AreTheSameCompiled) {
  constexpr std::int64_t length = 1000;
  Graph g;
  const Signal gain = g.param("gain", 0.7);
  std::vector<std::vector<Signal>> wanted;
  for (const Loss loss : losses) {
    const Signal value = loss(gain * g.input(0), g.input(1) + 0.3 * g.input(0), {.pre_emphasis = 0.85});
    wanted.push_back({value, dgen::gradient(value, std::array{gain}).of[0]});
  }
  const Channels in{white_noise(length, 1), white_noise(length, 2)};
  std::vector<std::vector<float>> floats;
  for (const Values& x : in) floats.emplace_back(x.begin(), x.end());
  const std::array<const float*, 2> channels{floats[0].data(), floats[1].data()};
  const std::vector<dgen::SegmentProgram> programs = dgen::compile_segments(wanted);
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    dgen::Segment segment(programs[k], 48000, length);
    segment.run(channels.data(), length);
    const auto exact = dgen::SegmentInterpreter(g, wanted[k], 48000).evaluate(in, length);
    // A relative error of 1e-6 in a ratio is 4e-6 dB
    EXPECT_NEAR(segment.value(0), exact[0][0], 1e-5 * std::fmax(1, std::fabs(exact[0][0]))) << k;
    EXPECT_NEAR(segment.value(1), exact[1][0], 1e-4 * std::fmax(0.1, std::fabs(exact[1][0]))) << k;
  }
}

TEST(Losses, TakeTheirOptionsAsInputsToo) {
  Graph g;
  const std::array<Signal, 2> wanted{ops::esr(g.input(0), g.input(1), 0.85), ops::mse(g.input(0), 0.0, 0.0, 1.0)};
  const Channels in{{1, 2, 3}, {2, 2, 2}};
  const auto y = dgen::SegmentInterpreter(g, wanted, 48000).evaluate(in, 3);
  const Values e = emphasised({-1, 0, 1}, 0.85), t = emphasised({2, 2, 2}, 0.85);
  EXPECT_DOUBLE_EQ(y[0][0], dot(e, e) / dot(t, t));
  EXPECT_DOUBLE_EQ(y[1][0], 14);
}

TEST(Losses, RefuseWhatTheyCannotDo) {
  Graph g;
  const Signal x = g.input();
  expect_error(ErrorCode::bad_value, "mse: pre_emphasis must be in 0 … 1, got 1.5",
               [&] { dgen::mse(x, 0.0, {.pre_emphasis = 1.5}); });
  expect_error(ErrorCode::bad_value, "only reduction mean", [&] { dgen::esr(x, x, {.reduction = Reduction::none}); });
  expect_error(ErrorCode::bad_value, "si_sdr: pre_emphasis must be a number known when the patch is built",
               [&] { ops::si_sdr(x, x, g.param("p", 0.5)); });
  expect_error(ErrorCode::bad_value, "l1: reduction must be a whole number in 0 … 2", [&] { ops::l1(x, x, 0.0, 3.0); });
  Graph other;
  expect_error(ErrorCode::mixed_graphs, "belongs to another graph", [&] { dgen::l1(x, other.input()); });
  expect_error(ErrorCode::bad_type, "every input is a number", [&] { dgen::mse(1.0, 2.0); });
  expect_error(ErrorCode::bad_value, "input 1, x, is an empty signal", [&] { dgen::mse(Signal{}, x); });
}

}  // namespace

// Sums of delayed copies of one signal, which run as FIR filters, against the double interpreter.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "dgen/inspect.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "support/engines.h"
#include "support/play.h"

namespace {

using namespace dgen;
using namespace dgen_test;

constexpr double sample_rate = 48000;

Signal tap(Signal x, std::int64_t frames, std::int64_t size) {
  return x.graph->add(ops::delay_tap, std::array{x, x.graph->constant(static_cast<double>(frames))}, {.size = size});
}

/// A coefficient of tap k; none is twice the same.
double number(std::int64_t k) { return std::sin(0.7 * static_cast<double>(k) + 0.3) / static_cast<double>(k + 3); }

/// The sum over k of number(k) x[n - first - k], added one after another.
Signal fir(Signal x, std::int64_t taps, std::int64_t first = 0) {
  Signal sum = number(0) * tap(x, first, first + taps);
  for (std::int64_t k = 1; k < taps; ++k) sum = sum + number(k) * tap(x, first + k, first + taps);
  return sum;
}

std::string why(const Graph& g) {
  std::string text;
  for (const StageReport& stage : explain(g).stages) text += stage.why + "\n";
  return text;
}

void expect_oracle(const Graph& g, double tolerance) {
  const Channels in{white_noise(1500), white_noise(1500)};
  const auto expected = run(g, Engine::float64, in, 1500, sample_rate);
  const Program program = compile(g);
  const auto whole = run(program, in, 1500, 1500, sample_rate);
  for (std::size_t n = 0; n < expected[0].size(); ++n) ASSERT_NEAR(whole[0][n], expected[0][n], tolerance) << "frame " << n;
  for (const std::int64_t block : {1, 7, 64, 300})
    EXPECT_EQ(run(program, in, 1500, block, sample_rate), whole) << "in blocks of " << block;
}

TEST(Taps, AreAFilterFromSixteenOn) {
  for (const std::int64_t count : {15, 16, 67, 130}) {
    Graph g;
    g.output(0.5 * fir(g.input(), count));
    EXPECT_EQ(why(g).find("FIR filter of " + std::to_string(count) + " taps") != std::string::npos, count >= 16);
    expect_oracle(g, 1e-6);
  }
}

TEST(Taps, TakeCoefficientsOfParametersAndAnySign) {
  Graph g;
  const Signal x = tanh(g.input()), gain = g.param("gain", 0.3);
  Signal sum = -x - gain * tap(x, 1, 40);
  for (std::int64_t k = 2; k < 34; ++k) sum = k % 3 == 0 ? sum - tap(x, k, 40) * (gain * number(k)) : sum + -tap(x, k, 40);
  g.output(sum);
  EXPECT_NE(why(g).find("FIR filter of 34 taps"), std::string::npos);
  expect_oracle(g, 1e-5);
}

TEST(Taps, LeaveTheOtherTermsToTheSum) {
  Graph g;
  const Signal x = g.input(0), y = g.input(1), line = tap(x, 3, 100);
  const Signal both = fir(x, 24, 5) - fir(y, 20) - line * number(90) + x * y + 0.25 * tap(x, 90, 100);
  g.output(both * line);  // a tap that the filter does not have for itself
  EXPECT_NE(why(g).find("FIR filter of 24 taps"), std::string::npos);
  EXPECT_NE(why(g).find("FIR filter of 20 taps"), std::string::npos);
  expect_oracle(g, 2e-6);
}

TEST(Taps, AreReadByLoopsAndReadThem) {
  Graph g;
  const Signal smooth = ops::cell(g.constant(0));
  const Signal next = smooth + 0.2 * (fir(g.input(), 32) - smooth);
  g.close(smooth, next);
  g.output(fir(next, 40, 2));
  expect_oracle(g, 2e-6);
}

TEST(Taps, ForgetWhatIsNotFinite) {
  Graph g;
  g.output(fir(g.input(), 20, 1));
  Channels in{std::vector<double>(200, 0.5)};
  in[0][70] = std::numeric_limits<double>::infinity();
  const auto out = run(compile(g), in, 200, 200, sample_rate);
  for (std::size_t n = 0; n < 200; ++n) EXPECT_EQ(std::isfinite(out[0][n]), n < 71 || n > 90) << "frame " << n;
}

}  // namespace

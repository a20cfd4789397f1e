// Gradients by inputs, initial states and inner signals, read from a compiled segment as an optimiser of one's own would.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "dgen/delays.h"
#include "dgen/filters.h"
#include "dgen/gradient.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/segment.h"
#include "dgen/time.h"

namespace {

using namespace dgen;

constexpr int frames = 96;

std::vector<float> sound(double step) {
  std::vector<float> x;
  for (int n = 0; n < frames; ++n) x.push_back(static_cast<float>(std::sin(step * n + 0.2)));
  return x;
}

TEST(Spans, HoldTheGradientByAnInputFrameByFrame) {
  Graph g;
  const Signal x = g.input(0);
  const Signal y = tanh(onepole(x, g.param("cutoff", 4000)));
  const Signal loss = mse(y, g.input(1), {.reduction = Reduction::sum});
  const Gradient d = gradient(loss, std::array{x, y});
  Segment segment(compile_segment(std::array{loss, d.of[0], d.of[1]}), 48000, frames);
  std::vector<float> in = sound(0.31);
  const std::vector<float> target = sound(0.17);
  const auto loss_at = [&](std::size_t n, double by) {
    const std::array<Signal, 1> wanted{loss};
    std::vector<std::vector<double>> channels{{in.begin(), in.end()}, {target.begin(), target.end()}};
    channels[0][n] += by;
    return SegmentInterpreter(g, wanted, 48000).evaluate(channels, frames)[0][0];
  };
  const std::array<const float*, 2> channels{in.data(), target.data()};
  segment.run(channels.data(), frames);
  const std::span<const float> by_input = segment.frames(1), by_output = segment.frames(2);
  ASSERT_EQ(by_input.size(), static_cast<std::size_t>(frames));
  ASSERT_EQ(by_output.size(), static_cast<std::size_t>(frames));
  for (std::size_t n = 0; n < frames; n += 7) {
    EXPECT_NEAR(by_input[n], (loss_at(n, 1e-5) - loss_at(n, -1e-5)) / 2e-5, 1e-5) << n;
  }
}

TEST(Spans, HoldTheGradientByAnInitialState) {
  // A resonance that rings from its initial states: their gradients are two numbers a segment.
  Graph g;
  const Signal a = g.param("a", 0.3), b = g.param("b", -0.2);
  const Signal one = ops::cell(a), two = ops::cell(b);
  const Signal y = 1.9 * one - 0.95 * two;
  g.close(one, y);
  g.close(two, one);
  const Signal loss = mse(y, g.input(), {.reduction = Reduction::sum});
  const Gradient d = gradient(loss, std::array{a, b});
  Segment segment(compile_segment(std::array{loss, d.of[0], d.of[1]}), 48000, frames);
  const std::vector<float> target = sound(0.23);
  const std::array<const float*, 1> channels{target.data()};
  segment.run(channels.data(), frames);
  // y is linear in the initial states: y = a u + b v, so the gradients are 2 sum (y - target) u and v.
  const auto ringing = [](double p, double q) {
    std::vector<double> out;
    for (int n = 0; n < frames; ++n) {
      out.push_back(1.9 * p - 0.95 * q);
      q = p, p = out.back();
    }
    return out;
  };
  const std::vector<double> u = ringing(1, 0), v = ringing(0, 1), whole = ringing(0.3f, -0.2f);
  double by_a = 0, by_b = 0;
  for (std::size_t n = 0; n < frames; ++n) {
    const double error = whole[n] - static_cast<double>(target[n]);
    by_a += 2 * error * u[n], by_b += 2 * error * v[n];
  }
  EXPECT_NEAR(segment.value(1), by_a, 1e-4 * std::fabs(by_a));
  EXPECT_NEAR(segment.value(2), by_b, 1e-4 * std::fabs(by_b));
}

TEST(Spans, AreEnoughForGradientDescentByHand) {
  // No trainer: the first input itself is moved until the filter gives the target.
  Graph g;
  const Signal x = g.input(0);
  const Signal y = 0.6 * x + 0.4 * history(x);
  const Signal loss = mse(y, g.input(1), {.reduction = Reduction::sum});
  const Gradient d = gradient(loss, std::array{x});
  Segment segment(compile_segment(std::array{loss, d.of[0]}), 48000, frames);
  std::vector<float> in(frames, 0.0f);
  const std::vector<float> target = sound(0.2);
  const std::array<const float*, 2> channels{in.data(), target.data()};
  for (int step = 0; step < 400; ++step) {
    segment.run(channels.data(), frames);
    for (std::size_t n = 0; n < frames; ++n) in[n] -= 0.45f * segment.frames(1)[n];
  }
  segment.run(channels.data(), frames);
  EXPECT_LT(segment.value(0), 1e-8);
}

}  // namespace

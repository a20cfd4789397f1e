// The spectral loss and its gradients against a loop over windows and bins, window by window, bin by bin.

#include <gtest/gtest.h>

#include <cmath>

#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/segment.h"
#include "dgen/spectral.h"
#include "dgen/time.h"
#include "support/random_graph.h"

namespace {

using namespace dgen;
using Numbers = std::vector<double>;

struct Reference {
  double loss = 0;
  Numbers per_tick;
  Numbers gradient;  ///< by frame of x
};

struct Bin {
  double re = 0, im = 0, size = 0;
};

Bin dft(const Numbers& x, const Numbers& weight, std::int64_t tick, std::int64_t k) {
  Bin bin;
  const auto size = static_cast<std::int64_t>(weight.size());
  for (std::int64_t j = 0; j < size; ++j) {
    const std::int64_t n = tick - size + 1 + j;
    if (n < 0) continue;
    const double angle = 2 * M_PI * static_cast<double>(j * k) / static_cast<double>(size);
    const double value = weight[static_cast<std::size_t>(j)] * x[static_cast<std::size_t>(n)];
    bin.re += value * std::cos(angle);
    bin.im -= value * std::sin(angle);
  }
  bin.size = std::hypot(bin.re, bin.im);
  return bin;
}

/// The sum over the windows that count; `overwrites`: what the gradient is where contributions replace each other.
Reference reference(const Numbers& x, const Numbers& target, const SpectralLoss& o, bool overwrites = false) {
  Reference made{.gradient = Numbers(x.size(), 0.0)};
  Numbers weight = window_function(o.window_function, o.window, o.symmetric);
  if (o.normalisation == Normalisation::orthonormal)
    for (double& w : weight) w /= std::sqrt(static_cast<double>(o.window));
  const auto frames = static_cast<std::int64_t>(x.size());
  for (std::int64_t tick = 0; tick < frames; tick += o.hop) {
    if (o.padding == Padding::none && tick < o.window - 1) continue;
    double sum = 0;
    for (std::int64_t k = 0; k <= o.window / 2; ++k) {
      const Bin a = dft(x, weight, tick, k), b = dft(target, weight, tick, k);
      const double error = a.size - b.size;
      sum += o.norm == Norm::l2 ? error * error : std::fabs(error);
      const double slope = o.norm == Norm::l2 ? 2 * error : error > 0 ? 1 : error < 0 ? -1 : 0;
      for (std::int64_t j = 0; j < o.window && a.size > 0; ++j) {
        const std::int64_t n = tick - o.window + 1 + j;
        if (n < 0) continue;
        const double angle = 2 * M_PI * static_cast<double>(j * k) / static_cast<double>(o.window);
        const double part =
            slope * weight[static_cast<std::size_t>(j)] * (a.re * std::cos(angle) - a.im * std::sin(angle)) / a.size;
        double& entry = made.gradient[static_cast<std::size_t>(n)];
        entry = overwrites ? part : entry + part;
      }
    }
    made.per_tick.push_back(sum);
    made.loss += sum;
  }
  return made;
}

struct Result {
  double loss = 0;
  Numbers gradient;
};

Result computed(const Numbers& x, const Numbers& target, const SpectralLoss& options) {
  Graph g;
  const Signal in = g.input(0), loss = spectral_loss(in, g.input(1), options);
  const Gradient d = gradient(loss, std::span(&in, 1));
  const std::vector<Signal> wanted{loss, d.of[0]};
  const auto values = SegmentInterpreter(g, wanted, 2000).evaluate(std::vector{x, target}, static_cast<std::int64_t>(x.size()));
  return {values[0][0], values[1]};
}

void expect_near(const Result& got, const Reference& wanted, double scale) {
  EXPECT_NEAR(got.loss, scale * wanted.loss, 1e-9 * std::fmax(1, wanted.loss));
  double largest = 0;
  for (const double v : wanted.gradient) largest = std::fmax(largest, std::fabs(scale * v));
  ASSERT_GT(largest, 0);
  for (std::size_t n = 0; n < got.gradient.size(); ++n)
    EXPECT_NEAR(got.gradient[n], scale * wanted.gradient[n], 1e-9 * largest) << n;
}

TEST(SpectralLoss, AgreesWithALoopOverWindowsAndBins) {
  const auto in = dgen::testing::random_input(11, 2, 90);
  const SpectralLoss options[] = {
      {.window = 16, .reduction = Reduction::sum},
      {.window = 16, .hop = 5, .window_function = WindowFunction::hann, .reduction = Reduction::sum},
      {.window = 32,
       .hop = 8,
       .window_function = WindowFunction::hann,
       .padding = Padding::none,
       .normalisation = Normalisation::orthonormal,
       .reduction = Reduction::sum},
      {.window = 8,
       .hop = 12,
       .window_function = WindowFunction::blackman,
       .symmetric = true,
       .norm = Norm::l1,
       .reduction = Reduction::sum},
      {.window = 2, .reduction = Reduction::sum},
  };
  for (const SpectralLoss& o : options) expect_near(computed(in[0], in[1], o), reference(in[0], in[1], o), 1);
}

TEST(SpectralLoss, MeansAreOverTheWindowsThatCount) {
  const auto in = dgen::testing::random_input(12, 2, 61);
  SpectralLoss o{.window = 16, .hop = 4};
  expect_near(computed(in[0], in[1], o), reference(in[0], in[1], o), 1 / 16.0);
  o.padding = Padding::none;
  expect_near(computed(in[0], in[1], o), reference(in[0], in[1], o), 1 / 12.0);
}

TEST(SpectralLoss, AddsWhatSeveralBinsAndWindowsGiveOneFrame) {
  // The original overwrote: its gradient is far from the differences of the loss.
  const auto in = dgen::testing::random_input(13, 2, 40);
  const SpectralLoss o{.window = 8, .reduction = Reduction::sum};
  const Result got = computed(in[0], in[1], o);
  const Reference overwritten = reference(in[0], in[1], o, true);
  for (const std::size_t n : {3u, 17u, 30u}) {
    Numbers up = in[0], down = in[0];
    const double h = 1e-5;
    up[n] += h, down[n] -= h;
    const double difference = (reference(up, in[1], o).loss - reference(down, in[1], o).loss) / (2 * h);
    EXPECT_NEAR(got.gradient[n], difference, 1e-6 * std::fabs(difference));
    EXPECT_GT(std::fabs(overwritten.gradient[n] - difference), 0.3 * std::fabs(difference));
  }
}

TEST(SpectralLoss, HasTheClosedValuesOfFourFrames) {
  const Numbers x{1, 2, 3, 4}, silence(4, 0.0);
  for (const Norm norm : {Norm::l2, Norm::l1}) {
    Graph g;
    const Signal ticks = spectral_loss(g.input(0), g.input(1), {.window = 4, .norm = norm, .reduction = Reduction::none});
    const auto got = SegmentInterpreter(g, std::span(&ticks, 1), 48000).evaluate(std::vector{x, silence}, 4)[0];
    const Numbers wanted = norm == Norm::l2 ? Numbers{3, 15, 48, 112} : Numbers{3, 6.2360680, 10.8284271, 14.8284271};
    for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(got[k], wanted[k], 1e-7);
  }
}

TEST(SpectralLoss, HasTheClosedValueOfTwoSines) {
  Graph g;
  const Signal amplitude = g.param("amplitude", 0.75), sine = sin(frame_index(g) * (two_pi * 200 / 2000));
  const Signal loss =
      spectral_loss(amplitude * sine, 0.5 * sine,
                    {.window = 64, .window_function = WindowFunction::hann, .symmetric = true, .reduction = Reduction::sum});
  const Gradient d = gradient(loss, std::span(&amplitude, 1));
  const std::vector<Signal> wanted{loss, d.of[0]};
  const auto values = SegmentInterpreter(g, wanted, 2000).evaluate({}, 256);
  EXPECT_NEAR(values[0][0], 5293.8031, 1e-3);
  EXPECT_NEAR(values[1][0], 42350.425, 1e-2);
}

TEST(SpectralLoss, OfSilenceIsZeroAndSoAreItsGradients) {
  const Numbers silence(20, 0.0), sound = dgen::testing::random_input(1, 1, 20)[0];
  EXPECT_EQ(computed(silence, silence, {.window = 8}).loss, 0);
  for (const double d : computed(silence, sound, {.window = 8}).gradient) EXPECT_EQ(d, 0);
  Numbers late = sound;
  std::fill(late.begin(), late.begin() + 10, 0.0);
  for (const double d : computed(late, sound, {.window = 4, .norm = Norm::l1}).gradient) EXPECT_TRUE(std::isfinite(d));
}

TEST(SpectralLoss, OfASegmentShorterThanItsWholeWindowsIsZero) {
  const auto in = dgen::testing::random_input(3, 2, 20);
  const Result got = computed(in[0], in[1], {.window = 32, .padding = Padding::none});
  EXPECT_EQ(got.loss, 0);
  for (const double d : got.gradient) EXPECT_EQ(d, 0);
}

}  // namespace

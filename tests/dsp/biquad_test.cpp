#include <gtest/gtest.h>

#include <array>

#include "dgen/filters.h"
#include "dgen/math.h"
#include "support/expect_error.h"
#include "support/play.h"

namespace {

using namespace dgen_test;
using Values = std::vector<double>;

struct Coefficients {
  std::array<double, 3> b, a;
};

/// The cookbook's formulas as they are printed there, gain included as DGen defines it.
Coefficients cookbook(int mode, double cutoff_hz, double q, double gain, double sample_rate) {
  const double w = dgen::two_pi * cutoff_hz / sample_rate, c = std::cos(w), s = std::sin(w), alpha = s / (2 * q);
  const double A = std::sqrt(gain), beta = 2 * std::sqrt(A) * alpha;
  const std::array<double, 3> a{1 + alpha, -2 * c, 1 - alpha};
  switch (mode) {
    case 0: return {{gain * (1 - c) / 2, gain * (1 - c), gain * (1 - c) / 2}, a};
    case 1: return {{gain * (1 + c) / 2, -gain * (1 + c), gain * (1 + c) / 2}, a};
    case 2: return {{gain * alpha, 0, -gain * alpha}, a};
    case 3: return {{gain * s / 2, 0, -gain * s / 2}, a};
    case 4: return {{gain, -2 * gain * c, gain}, a};
    case 5: return {{gain * (1 - alpha), -2 * gain * c, gain * (1 + alpha)}, a};
    case 6:
      return {{A * ((A + 1) + (A - 1) * c + beta), -2 * A * ((A - 1) + (A + 1) * c), A * ((A + 1) + (A - 1) * c - beta)},
              {(A + 1) - (A - 1) * c + beta, 2 * ((A - 1) - (A + 1) * c), (A + 1) - (A - 1) * c - beta}};
    case 7:
      return {{A * ((A + 1) - (A - 1) * c + beta), 2 * A * ((A - 1) - (A + 1) * c), A * ((A + 1) - (A - 1) * c - beta)},
              {(A + 1) + (A - 1) * c + beta, -2 * ((A - 1) + (A + 1) * c), (A + 1) + (A - 1) * c - beta}};
    default: return {{1 + alpha * A, -2 * c, 1 - alpha * A}, {1 + alpha / A, -2 * c, 1 - alpha / A}};
  }
}

Values filtered(const Coefficients& f, const Values& x) {
  Values y(x.size());
  const auto at = [](const Values& v, std::size_t n, std::size_t k) { return n < k ? 0 : v[n - k]; };
  for (std::size_t n = 0; n < x.size(); ++n) {
    for (std::size_t k = 0; k < 3; ++k) y[n] += f.b[k] * at(x, n, k);
    for (std::size_t k = 1; k < 3; ++k) y[n] -= f.a[k] * at(y, n, k);
    y[n] /= f.a[0];
  }
  return y;
}

constexpr const dgen::OpDef* named[] = {
    &dgen::ops::biquad_lowpass,        &dgen::ops::biquad_highpass, &dgen::ops::biquad_bandpass,
    &dgen::ops::biquad_bandpass_skirt, &dgen::ops::biquad_notch,    &dgen::ops::biquad_allpass,
    &dgen::ops::biquad_highshelf,      &dgen::ops::biquad_lowshelf, &dgen::ops::biquad_peaking};

class BiquadMode : public testing::TestWithParam<int> {};

TEST_P(BiquadMode, IsTheCookbooksFilter) {
  const auto noise = white_noise(2000);
  for (const double cutoff : {200.0, 5000.0, 15000.0}) {
    for (const double gain : {0.25, 1.0, 4.0}) {
      dgen::Graph g;
      const Values y = play(biquad(g.input(), cutoff, 1.3, gain, static_cast<double>(GetParam())), 2000, {noise});
      expect_near(y, filtered(cookbook(GetParam(), cutoff, 1.3, gain, 48000), noise), 1e-10);
    }
  }
}

TEST_P(BiquadMode, HasANameAndCanBeChosenWhileItRuns) {
  const auto noise = white_noise(300);
  dgen::Graph g;
  const Values fixed = play(biquad(g.input(), 900.0, 2.0, 3.0, static_cast<double>(GetParam())), 300, {noise});
  EXPECT_EQ(play(g.n(*named[GetParam()], {g.input(), 900.0, 2.0, 3.0}), 300, {noise}), fixed);
  const Values chosen = play(biquad(g.input(0), 900.0, 2.0, 3.0, g.input(1)), 300, {noise, Values(300, GetParam())});
  expect_near(chosen, fixed, 1e-12);  // weights of 0 are added too, and factors associate otherwise
}

INSTANTIATE_TEST_SUITE_P(Modes, BiquadMode, testing::Range(0, 9),
                         [](const auto& mode) { return std::string(named[mode.param]->name); });

TEST(Biquad, HasTheKnownHighPassImpulseResponse) {
  dgen::Graph g;
  const Values y = play(biquad(g.input(), 60.0, 1.0, 4.0, 1.0), 3, {{1, 0, 0}}, {.sample_rate = 44100});
  expect_near(y, {3.9829031, -0.0341926, -0.0341888}, 5e-8);
}

TEST(Biquad, ComputesCoefficientsOfParametersAtControlRate) {
  dgen::Graph g;
  const dgen::Signal cutoff = g.param("cutoff", 1000), q = g.param("q", 1), gain = g.param("gain", 1), mode = g.param("mode", 0);
  biquad(g.input(), cutoff, q, gain, mode);
  int frame_nodes = 0;
  for (const dgen::Node& node : g.nodes()) frame_nodes += node.type.clock == dgen::Clock::frame;
  EXPECT_LE(frame_nodes, 24) << dgen::to_text(g);  // the core and the mix, not the 9 modes
}

TEST(Biquad, StaysFiniteAtImpossibleSettings) {
  for (int mode = 0; mode < 9; ++mode) {
    dgen::Graph g;
    const Values cutoff{-1, 0, 24000, 1e9, 1e-30, 100}, q{0, -1, 1e9, 0, 1, 0}, gain{-1, 0, 1e-30, 1e3, 1, 0};
    const dgen::Signal y = biquad(g.constant(1), g.input(0), g.input(1), g.input(2), static_cast<double>(mode));
    for (const double value : play(y, 6, {cutoff, q, gain})) EXPECT_TRUE(std::isfinite(value)) << mode;
  }
}

TEST(Biquad, SaysWhichModesItHas) {
  dgen::Graph g;
  expect_error(dgen::ErrorCode::bad_value, "biquad: mode must be a whole number in 0 … 8, got 9",
               [&] { biquad(g.input(), 100.0, 1.0, 1.0, 9.0); });
}

}  // namespace

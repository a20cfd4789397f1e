#include "base/noise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace {

constexpr std::size_t frames = 1 << 16;

std::vector<double> noise_of(std::uint64_t seed, std::uint64_t first = 0) {
  std::vector<double> x(frames);
  for (std::size_t n = 0; n < frames; ++n) x[n] = dgen::noise(seed, first + n);
  return x;
}

/// Mean of a[n] b[n + lag].
double correlation(const std::vector<double>& a, const std::vector<double>& b, std::size_t lag) {
  double sum = 0;
  for (std::size_t n = 0; n + lag < frames; ++n) sum += a[n] * b[n + lag];
  return sum / static_cast<double>(frames - lag);
}

/// One deviation of `correlation` for independent values: the variance of uniform noise, 1/3, over the root of the count.
const double deviation = 1.0 / 3 / std::sqrt(static_cast<double>(frames));

TEST(Noise, IsTheSameAtCompileTimeAndRunTime) {
  constexpr double first = dgen::noise(7, 0);
  EXPECT_EQ(first, dgen::noise(7, 0));
}

TEST(Noise, IsExactInFloatAndInRange) {
  for (const double x : noise_of(1)) {
    ASSERT_EQ(x, static_cast<double>(static_cast<float>(x)));
    ASSERT_GE(x, -1);
    ASSERT_LT(x, 1);
  }
  EXPECT_EQ(dgen::noise_value(0x80000000u), -1);
  EXPECT_EQ(dgen::noise_value(0x7fffffffu), 1 - 0x1p-23);
}

TEST(Noise, HasMeanZeroAndVarianceOneThird) {
  for (const std::uint64_t seed : {0u, 1u, 2u, 1000u}) {
    double sum = 0;
    for (const double x : noise_of(seed)) sum += x;
    const std::vector<double> x = noise_of(seed);
    // Five deviations: of the mean sqrt(1/3/N), of the mean square sqrt(4/45/N).
    EXPECT_NEAR(sum / frames, 0, 5 * std::sqrt(1.0 / 3 / frames)) << seed;
    EXPECT_NEAR(correlation(x, x, 0), 1.0 / 3, 5 * std::sqrt(4.0 / 45 / frames)) << seed;
  }
}

TEST(Noise, IsUniform) {
  constexpr int bins = 256;
  for (const std::uint64_t seed : {0u, 1u, 12345u}) {
    std::array<int, bins> count{};
    for (const double x : noise_of(seed)) ++count[static_cast<std::size_t>((x + 1) / 2 * bins)];
    double chi_square = 0;
    const double expected = static_cast<double>(frames) / bins;
    for (const int seen : count) chi_square += (seen - expected) * (seen - expected) / expected;
    // 255 degrees of freedom: mean 255, deviation sqrt(510).
    EXPECT_NEAR(chi_square, bins - 1, 5 * std::sqrt(2.0 * (bins - 1))) << seed;
  }
}

TEST(Noise, DoesNotRepeatItselfAtAnyLag) {
  const std::vector<double> x = noise_of(3);
  for (std::size_t lag = 1; lag <= 64; ++lag) EXPECT_NEAR(correlation(x, x, lag), 0, 5 * deviation) << lag;
  for (const std::size_t lag : {128u, 256u, 1024u, 4096u, 32768u}) EXPECT_NEAR(correlation(x, x, lag), 0, 7.1 * deviation) << lag;
}

TEST(Noise, HasAFlatSpectrum) {
  const std::vector<double> x = noise_of(4);
  constexpr std::size_t size = 256;
  double lowest = 1e9, highest = 0;
  for (std::size_t k = 1; k < size / 2; ++k) {
    double power = 0;
    for (std::size_t start = 0; start < frames; start += size) {
      double re = 0, im = 0;
      for (std::size_t n = 0; n < size; ++n) {
        const double angle = 2 * std::numbers::pi * static_cast<double>(k * n % size) / size;
        re += x[start + n] * std::cos(angle), im += x[start + n] * std::sin(angle);
      }
      power += (re * re + im * im) / size;
    }
    power /= static_cast<double>(frames / size);
    lowest = std::min(lowest, power), highest = std::max(highest, power);
  }
  // A bin of 256 averaged periodograms deviates by 1/16 of its mean, 1/3.
  EXPECT_GT(lowest, (1 - 5.0 / 16) / 3);
  EXPECT_LT(highest, (1 + 5.0 / 16) / 3);
}

TEST(Noise, NeighbouringSeedsAreIndependent) {
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    const std::vector<double> a = noise_of(seed), b = noise_of(seed + 1);
    for (std::size_t lag = 0; lag < 8; ++lag) {
      EXPECT_NEAR(correlation(a, b, lag), 0, 5 * deviation) << seed << " lag " << lag;
      EXPECT_NEAR(correlation(b, a, lag), 0, 5 * deviation) << seed << " lag -" << lag;
    }
  }
}

TEST(Noise, NegativeSeedsDifferFromPositiveOnes) {
  EXPECT_NEAR(correlation(noise_of(static_cast<std::uint64_t>(-1)), noise_of(1), 0), 0, 5 * deviation);
}

TEST(Noise, GoesOnPastThirtyTwoBitFrames) {
  const std::uint64_t wrap = std::uint64_t{1} << 32;
  EXPECT_NEAR(correlation(noise_of(5), noise_of(5, wrap), 0), 0, 5 * deviation);
  const std::vector<double> across = noise_of(5, wrap - frames / 2);
  EXPECT_NEAR(correlation(across, across, 1), 0, 5 * deviation);
}

}  // namespace

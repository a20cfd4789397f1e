// Rate conversion and levels, against closed forms.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "dgen/audio.h"
#include "dgen/error.h"

namespace {

using dgen::AudioBuffer;

AudioBuffer sine(double rate, double hz, int frames) {
  AudioBuffer audio{.sample_rate = rate, .channels = {{}}};
  for (int n = 0; n < frames; ++n)
    audio.channels[0].push_back(static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * hz * n / rate)));
  return audio;
}

TEST(Resample, KeepsASineWhereItIs) {
  for (const double rate : {44100.0, 96000.0, 22050.0, 47999.0}) {
    const AudioBuffer converted = dgen::resample(sine(48000, 1000, 24000), rate);
    const AudioBuffer expected = sine(rate, 1000, static_cast<int>(converted.frames()));
    EXPECT_EQ(converted.frames(), std::llround(24000 * rate / 48000));
    EXPECT_EQ(converted.sample_rate, rate);
    // The sinc has about 100 dB of rejection; its ends see the start and end of the signal.
    for (std::size_t n = 1000; n + 1000 < expected.channels[0].size(); ++n) {
      ASSERT_NEAR(converted.channels[0][n], expected.channels[0][n], 2e-5) << rate << " Hz, frame " << n;
    }
  }
}

TEST(Resample, RemovesWhatTheLowerRateCannotHold) {
  const AudioBuffer converted = dgen::resample(sine(48000, 15000, 24000), 22050);
  for (std::size_t n = 1000; n + 1000 < converted.channels[0].size(); ++n) ASSERT_LT(std::fabs(converted.channels[0][n]), 1e-4);
}

TEST(Resample, TheSameRateChangesNothing) {
  const AudioBuffer audio = sine(48000, 1000, 100);
  EXPECT_EQ(dgen::resample(audio, 48000).channels, audio.channels);
}

TEST(Resample, RefusesRatesThatAreNone) {
  for (const double rate : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), 1e9, 100.0}) {
    EXPECT_THROW(dgen::resample(sine(48000, 1000, 10), rate), dgen::Error) << rate;
  }
}

TEST(Measure, GivesPeakAndRmsOfTheFiniteSamples) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const dgen::AudioLevels levels = dgen::measure({.channels = {{3, 4, 0, nan}, {0, -5, nan, 0}}});
  EXPECT_EQ(levels.peak, 5);
  EXPECT_DOUBLE_EQ(levels.rms, std::sqrt(50.0 / 6));
  EXPECT_EQ(levels.not_finite, 2);
  EXPECT_EQ(levels.first_frame, 2);
  EXPECT_EQ(levels.first_channel, 1);
}

TEST(Measure, OfNothingIsZero) {
  const dgen::AudioLevels levels = dgen::measure({});
  EXPECT_EQ(levels.peak, 0);
  EXPECT_EQ(levels.rms, 0);
  EXPECT_EQ(levels.first_frame, -1);
}

}  // namespace

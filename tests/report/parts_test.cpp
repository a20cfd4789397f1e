// The parts of the page: figures, sounds and pictures in text, spectra, plots.

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "dgen/error.h"
#include "dgen/report/base64.h"
#include "dgen/report/figures.h"
#include "dgen/report/markup.h"
#include "dgen/report/plot.h"
#include "dgen/report/spectrum.h"
#include "dgen/report/wav.h"
#include "support/temporary_folder.h"

namespace {

using namespace dgen::report;
using dgen::AudioBuffer;

AudioBuffer sine(double hz, double amplitude, double sample_rate, int frames) {
  AudioBuffer audio{.sample_rate = sample_rate, .channels = {{}}};
  for (int n = 0; n < frames; ++n)
    audio.channels[0].push_back(static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * hz * n / sample_rate)));
  return audio;
}

TEST(Base64, IsThatOfTheStandard) {  // RFC 4648, section 10
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64(std::string("\xff\xfe\x00", 3)), "//4A");
}

TEST(Figure, ReadsWell) {
  EXPECT_EQ(figure(0), "0");
  EXPECT_EQ(figure(-12.5), "−12.5");
  EXPECT_EQ(figure(48000), "48000");
  EXPECT_EQ(figure(109.98234, 6), "109.982");
  EXPECT_EQ(figure(0.001), "0.001");
  EXPECT_EQ(figure(0.0000321, 3), "3.21×10⁻⁵");
  EXPECT_EQ(figure(1e-7), "10⁻⁷");
  EXPECT_EQ(figure(-2e12), "−2×10¹²");
  EXPECT_EQ(figure(INFINITY), "∞");
  EXPECT_EQ(figure(NAN), "not a number");
}

TEST(Escaped, LeavesNoMarkup) {
  EXPECT_EQ(escaped("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
}

TEST(WavBytes, AreAFileThatLibsndfileReads) {
  const TemporaryFolder folder;
  const AudioBuffer audio{.sample_rate = 44100, .channels = {{0, 0.5f, -1, 2, NAN}, {1, -0.25f, 0, -2, 0.125f}}};
  spill(folder / "a.wav", wav_bytes(audio, 1));
  const AudioBuffer back = dgen::read_audio(folder / "a.wav");
  EXPECT_EQ(back.sample_rate, 44100);
  const float most = 32767.0f / 32768;
  EXPECT_EQ(back.channels, (std::vector<std::vector<float>>{{0, 0.5f, -1, most, 0}, {most, -0.25f, 0, -1, 0.125f}}));
  spill(folder / "a.wav", wav_bytes(audio, 0.5));
  EXPECT_EQ(dgen::read_audio(folder / "a.wav").channels[1][0], 0.5f);
}

TEST(Transform, IsTheSumOfItsDefinition) {
  std::vector<std::complex<double>> x;
  for (int k = 0; k < 32; ++k) x.emplace_back(std::sin(k * 1.3), std::cos(k * k * 0.7));
  std::vector<std::complex<double>> y = x;
  transform(y);
  for (std::size_t k = 0; k < x.size(); ++k) {
    std::complex<double> sum = 0;
    for (std::size_t n = 0; n < x.size(); ++n) {
      sum += x[n] * std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k * n) / static_cast<double>(x.size()));
    }
    EXPECT_NEAR(std::abs(y[k] - sum), 0, 1e-12);
  }
}

TEST(Spectrogram, ShowsASineAtItsFrequencyAndLevel) {
  const double rate = 48000, hz = 1000;
  const Spectrogram made = spectrogram(sine(hz, 0.5, rate, 48000), 20, 128);
  const Frequencies axis = frequencies_of(rate);
  for (int column = 2; column < 18; ++column) {
    int brightest = 0;
    for (int row = 0; row < made.rows; ++row) {
      if (made.power[static_cast<std::size_t>(row * 20 + column)] > made.power[static_cast<std::size_t>(brightest * 20 + column)])
        brightest = row;
    }
    const double found = axis.highest * std::pow(axis.lowest / axis.highest, (brightest + 0.5) / made.rows);
    EXPECT_NEAR(found / hz, 1, 0.04);  // a row is 5 % high
    // Between two bins a Hann window shows up to 1.4 dB less.
    EXPECT_NEAR(10 * std::log10(made.power[static_cast<std::size_t>(brightest * 20 + column)]), -6.02, 1.5);
  }
}

TEST(Spectrum, DiffersByTheGain) {
  AudioBuffer noise{.sample_rate = 48000, .channels = {{}}};
  unsigned state = 1;
  for (int n = 0; n < 20000; ++n)
    noise.channels[0].push_back(static_cast<float>((state = state * 1664525u + 1013904223u) >> 8) / 8388608.0f - 1);
  AudioBuffer softer = noise;
  for (float& sample : softer.channels[0]) sample *= 0.5f;
  EXPECT_NEAR(spectrum_difference_db(softer, noise), 6.0206, 1e-3);
  EXPECT_NEAR(spectrum_difference_db(noise, noise), 0, 1e-12);
  EXPECT_NEAR(waveform_error_db(softer, noise), -6.0206, 1e-3);
  EXPECT_EQ(waveform_error_db(noise, noise), -200);
}

TEST(Picture, GoesFromDarkToBrightOverTheRange) {
  const Spectrogram four{.rows = 1, .columns = 4, .power = {1, 1e-3, 1e-6, 0}};
  const Picture picture = picture_of(four, 1, 60);
  EXPECT_EQ(picture.pixels[0], picture.colours.size() - 1);
  EXPECT_EQ(picture.pixels[1], std::lround(0.5 * static_cast<double>(picture.colours.size() - 1)));
  EXPECT_EQ(picture.pixels[2], 0);
  EXPECT_EQ(picture.pixels[3], 0);
  const std::string png = png_bytes(picture);
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(png.substr(12, 12), std::string("IHDR\0\0\0\4\0\0\0\1", 12));
  EXPECT_THROW(png_bytes({}), dgen::Error);
}

std::string labels(const std::vector<Tick>& ticks) {
  std::string text;
  for (const Tick& tick : ticks) text += (text.empty() ? "" : " ") + tick.label;
  return text;
}

TEST(Ticks, AreRound) {
  EXPECT_EQ(labels(ticks({0, 2, false}, 10)), "0 0.2 0.4 0.6 0.8 1 1.2 1.4 1.6 1.8 2");
  EXPECT_EQ(labels(ticks({-0.31, 0.97, false}, 4)), "0 0.5");
  EXPECT_EQ(labels(ticks({1e-5, 2, true}, 6)), "10⁻⁵ 10⁻⁴ 0.001 0.01 0.1 1");
  EXPECT_EQ(labels(ticks({30, 24000, true}, 9)), "50 100 200 500 1000 2000 5000 10000 20000");
  EXPECT_EQ(labels(ticks({1e-12, 1, true}, 6)), "10⁻¹² 10⁻¹⁰ 10⁻⁸ 10⁻⁶ 10⁻⁴ 0.01 1");
  EXPECT_EQ(labels(ticks({100, 130, true}, 4)), "100 110 120 130");
}

TEST(AxisAround, HoldsEveryValueAndHasAWidth) {
  const std::vector<double> values{3, NAN, -1, INFINITY, 7};
  const Axis even = axis_around(values, true);
  EXPECT_FALSE(even.logarithmic);
  EXPECT_LT(even.lo, -1);
  EXPECT_GT(even.hi, 7);
  EXPECT_TRUE(axis_around(std::vector<double>{1e-9, 2}, true).logarithmic);
  const Axis with_zero = axis_around(std::vector<double>{1, 1e-6, 0}, true);
  EXPECT_TRUE(with_zero.logarithmic);
  EXPECT_EQ(with_zero.place(0), 0);
  EXPECT_GT(with_zero.place(1e-6), 0);
  for (const double same : {0.0, 5.0, 1e-20}) {
    const Axis axis = axis_around(std::vector<double>{same, same}, true);
    EXPECT_LT(axis.lo, axis.hi);
    EXPECT_TRUE(std::isfinite(axis.place(same)));
  }
  EXPECT_TRUE(std::isfinite(axis_around({}, true).place(0.5)));
}

}  // namespace

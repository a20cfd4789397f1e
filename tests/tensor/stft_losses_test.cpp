// Losses of several resolutions and on mel bands against loops over windows and bins.

#include "dgen/stft_losses.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "dgen/gradient.h"
#include "dgen/segment.h"
#include "support/expect_error.h"
#include "support/random_graph.h"
#include "support/spectral_reference.h"

namespace {

using namespace dgen;
using dgen::testing::Matrix;
using dgen::testing::Numbers;
using dgen::testing::Reference;
using dgen::testing::relative_difference;
using dgen::testing::WindowLayout;

constexpr std::int64_t frames = 340;  // of which the second sub-block has fewer

WindowLayout layout_of(const StftResolution& resolution, Padding padding, WindowFunction function = WindowFunction::hann) {
  WindowLayout layout{Numbers(static_cast<std::size_t>(resolution.fft - resolution.window), 0.0), resolution.hop, padding,
                      resolution.window - 1};
  for (const double w : window_function(function, resolution.window)) layout.weights.push_back(w);
  return layout;
}

double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

/// The three terms of magnitudes, as their definitions say.
double magnitude_terms(const Matrix& a, const Matrix& b, Matrix& slopes, const MagnitudeTerms& terms) {
  double difference = 0, energy = 0, log_sum = 0, linear_sum = 0;
  const double count = static_cast<double>(a.size() * a[0].size()), floor = terms.floor;
  const auto least = [floor](double size) { return std::fmax(size, floor); };
  const auto each = [&](auto&& visit) {
    for (std::size_t w = 0; w < a.size(); ++w)
      for (std::size_t k = 0; k < a[w].size(); ++k) visit(w, k, least(a[w][k]), least(b[w][k]));
  };
  const bool squares = terms.norm == Norm::l2;
  each([&](std::size_t, std::size_t, double x, double t) {
    difference += (x - t) * (x - t);
    energy += t * t;
    const double log_error = std::log(x) - std::log(t);
    log_sum += squares ? log_error * log_error : std::fabs(log_error);
    linear_sum += squares ? (x - t) * (x - t) : std::fabs(x - t);
  });
  each([&](std::size_t w, std::size_t k, double x, double t) {
    const double log_error = std::log(x) - std::log(t), error = x - t;
    double slope = terms.spectral_convergence * error / std::sqrt(difference * energy);
    slope += terms.log_magnitude / count * (squares ? 2 * log_error : sign(log_error)) / x;
    slope += terms.linear_magnitude / count * (squares ? 2 * error : sign(error));
    slopes[w][k] = a[w][k] > floor ? slope : 0;
  });
  return terms.spectral_convergence * std::sqrt(difference / energy) + terms.log_magnitude * log_sum / count +
         terms.linear_magnitude * linear_sum / count;
}

Reference stft_reference(const Numbers& x, const Numbers& target, const StftLoss& o, bool overwrites = false) {
  return dgen::testing::reference(
      x, target, layout_of(o.resolution, o.padding, o.window_function),
      [&o](const Matrix& a, const Matrix& b, Matrix& slopes) { return magnitude_terms(a, b, slopes, o.terms); }, overwrites);
}

Reference mel_reference(const Numbers& x, const Numbers& target, const MelLoss& o) {
  const Numbers filters = mel_filters(o.resolution.fft, o.mel);
  const auto loss = [&](const Matrix& a, const Matrix& b, Matrix& slopes) {
    const std::size_t bins = a[0].size(), bands = filters.size() / bins;
    const double count = static_cast<double>(a.size() * bands);
    double total = 0;
    for (std::size_t w = 0; w < a.size(); ++w) {
      slopes[w].assign(bins, 0.0);
      for (std::size_t band = 0; band < bands; ++band) {
        double one = 0, other = 0;
        for (std::size_t k = 0; k < bins; ++k)
          one += filters[band * bins + k] * a[w][k], other += filters[band * bins + k] * b[w][k];
        const auto value = [&](double sum) { return o.logarithmic ? std::log(std::fmax(sum, o.floor)) : sum; };
        const double error = value(one) - value(other);
        total += (o.norm == Norm::l2 ? error * error : std::fabs(error)) / count;
        const double outer = (o.norm == Norm::l2 ? 2 * error : sign(error)) / count;
        const double slope = !o.logarithmic ? outer : one > o.floor ? outer / one : 0;
        for (std::size_t k = 0; k < bins; ++k) slopes[w][k] += slope * filters[band * bins + k];
      }
    }
    return total;
  };
  return dgen::testing::reference(x, target, layout_of(o.resolution, o.padding), loss);
}

/// A loss of inputs 0 and 1, and its gradient by input 0, in double and as generated code.
struct Built {
  Graph graph;
  std::vector<Signal> wanted;
};

template <class Loss>
std::unique_ptr<Built> built(const Loss& loss) {
  auto made = std::make_unique<Built>();
  const Signal x = made->graph.input(0), value = loss(x, made->graph.input(1));
  made->wanted = {value, gradient(value, std::span(&x, 1)).of[0]};
  return made;
}

void expect_near(const Reference& got, const Reference& wanted, double relative) {
  EXPECT_NEAR(got.loss, wanted.loss, relative * wanted.loss);
  EXPECT_LT(relative_difference(got.gradient, wanted.gradient), relative);
}

const StftLoss some_stft[] = {
    {.resolution = {32, 8, 20}},
    {.resolution = {16, 5, 16}, .terms = {1, 0.5, 2, Norm::l2, 0.2}, .padding = Padding::left},
    {.resolution = {24, 6, 24}, .terms = {0, 1, 1}, .padding = Padding::center},
    {.resolution = {64, 1, 64},
     .terms = {1, 0.3, 0.5, Norm::l2, 0.1},
     .window_function = WindowFunction::rectangular,
     .padding = Padding::left},
};

const MelLoss some_mel[] = {
    {.resolution = {64, 16, 64}, .mel = {.sample_rate = 16000, .bands = 10}},
    {.resolution = {64, 16, 48},
     .mel = {.sample_rate = 8000, .bands = 12, .low_hz = 50, .high_hz = 3500, .scale = MelScale::htk, .equal_area = false},
     .logarithmic = true,
     .norm = Norm::l2,
     .floor = 0.5,
     .padding = Padding::left},
};

TEST(StftLosses, AgreeWithALoopOverWindowsAndBins) {
  const auto in = dgen::testing::random_input(21, 2, frames);
  const std::vector<float> x(in[0].begin(), in[0].end()), target(in[1].begin(), in[1].end());
  const std::vector<Numbers> exact{Numbers(x.begin(), x.end()), Numbers(target.begin(), target.end())};
  std::vector<std::unique_ptr<Built>> cases;
  std::vector<Reference> right;
  for (const StftLoss& o : some_stft) {
    cases.push_back(built([&](Signal a, Signal b) { return stft_loss(a, b, o); }));
    right.push_back(stft_reference(exact[0], exact[1], o));
    EXPECT_GT(relative_difference(stft_reference(exact[0], exact[1], o, true).gradient, right.back().gradient), 0.1);
  }
  for (const MelLoss& o : some_mel) {
    cases.push_back(built([&](Signal a, Signal b) { return mel_loss(a, b, o); }));
    right.push_back(mel_reference(exact[0], exact[1], o));
  }
  std::vector<std::vector<Signal>> wanted;
  for (const auto& one : cases) wanted.push_back(one->wanted);
  const std::vector<SegmentProgram> programs = compile_segments(wanted);
  for (std::size_t k = 0; k < cases.size(); ++k) {
    SCOPED_TRACE(k);
    const auto values = SegmentInterpreter(cases[k]->graph, wanted[k], 16000).evaluate(exact, frames);
    expect_near({values[0][0], values[1]}, right[k], 1e-9);
    Segment segment(programs[k], 16000, frames);
    const std::array<const float*, 2> channels{x.data(), target.data()};
    segment.run(channels.data(), frames);
    const auto slopes = segment.frames(1);
    expect_near({segment.value(0), Numbers(slopes.begin(), slopes.end())}, right[k], 1e-5);
  }
}

TEST(StftLosses, SlideForwardAndBackwardWhereEveryFrameHasAWindow) {
  // The norms are known at the end, so that spectra and gradients are of two runs; both slide.
  const auto in = dgen::testing::random_input(24, 2, 700);
  const std::vector<float> x(in[0].begin(), in[0].end()), target(in[1].begin(), in[1].end());
  const std::array<const float*, 2> channels{x.data(), target.data()};
  const StftLoss o = some_stft[3];
  const auto one = built([&](Signal a, Signal b) { return stft_loss(a, b, o); });
  for (const int width : {4, 8, 16}) {
    SCOPED_TRACE(width);
    const SegmentProgram program = compile_segment(one->wanted, {.compile = {.vector_width = width}});
    EXPECT_NE(program.explain().find("spectra of 64 frames slide: 33 bins"), std::string::npos) << program.explain();
    EXPECT_NE(program.explain().find("gathered by sliding sums: 33 bins"), std::string::npos) << program.explain();
    Segment segment(program, 16000, 700);
    for (const std::int64_t count : {1, 2, 63, 257, 700}) {
      SCOPED_TRACE(count);
      segment.run(channels.data(), count);
      const auto slopes = segment.frames(1);
      const Numbers exact_x(x.begin(), x.begin() + count), exact_target(target.begin(), target.begin() + count);
      expect_near({segment.value(0), Numbers(slopes.begin(), slopes.end())}, stft_reference(exact_x, exact_target, o), 1e-5);
    }
  }
}

Reference interpreted(const Built& built, const Numbers& x, const Numbers& target) {
  const auto values =
      SegmentInterpreter(built.graph, built.wanted, 16000).evaluate(std::vector{x, target}, static_cast<std::int64_t>(x.size()));
  return {values[0][0], values[1]};
}

TEST(StftLosses, OfSeveralResolutionsAreTheirMeanOrSum) {
  const auto in = dgen::testing::random_input(22, 2, 150);
  const MultiResolutionStftLoss many{.resolutions = {{16, 4, 16}, {32, 9, 24}}};
  const Reference got =
      interpreted(*built([&](Signal a, Signal b) { return multi_resolution_stft_loss(a, b, many); }), in[0], in[1]);
  const MultiScaleSpectralLoss scales{.sizes = {16, 32}, .log_magnitude = 0.5};
  const Reference sum =
      interpreted(*built([&](Signal a, Signal b) { return multi_scale_spectral_loss(a, b, scales); }), in[0], in[1]);
  double mean = 0, total = 0;
  for (const StftResolution& resolution : many.resolutions)
    mean += stft_reference(in[0], in[1], {.resolution = resolution}).loss / 2;
  for (const std::int64_t size : scales.sizes)
    total += stft_reference(in[0], in[1], {.resolution = {size, size / 4, size}, .terms = {0, 0.5, 1, Norm::l1, 1e-5}}).loss;
  EXPECT_NEAR(got.loss, mean, 1e-9 * mean);
  EXPECT_NEAR(sum.loss, total, 1e-9 * total);
}

TEST(StftLosses, OfSilenceAreFiniteAndHaveNoGradient) {
  const Numbers silence(100, 0.0), sound = dgen::testing::random_input(23, 1, 100)[0];
  const auto stft = built([](Signal a, Signal b) { return stft_loss(a, b, {.resolution = {16, 4, 16}, .terms = {1, 1, 1}}); });
  const auto mel = built([](Signal a, Signal b) {
    return mel_loss(a, b, {.resolution = {64, 16, 64}, .mel = {.sample_rate = 16000, .bands = 8}, .logarithmic = true});
  });
  for (const Built* one : {stft.get(), mel.get()}) {
    EXPECT_EQ(interpreted(*one, silence, silence).loss, 0);
    for (const double d : interpreted(*one, silence, sound).gradient) EXPECT_EQ(d, 0);
    for (const double d : interpreted(*one, sound, silence).gradient) EXPECT_TRUE(std::isfinite(d));
    for (const double d : interpreted(*one, sound, sound).gradient) EXPECT_EQ(d, 0);
    EXPECT_EQ(interpreted(*one, Numbers(5, 1.0), Numbers(5, 0.5)).loss, 0);  // no whole window
  }
}

TEST(MelFilters, AreThoseOfLibrosa) {
  // librosa.filters.mel(sr=22050, n_fft=2048) begins 0, 0.016182, 0.032365 (its documentation shows 0.016).
  const Numbers filters = mel_filters(2048, {.sample_rate = 22050, .bands = 128});
  EXPECT_EQ(filters[0], 0);
  EXPECT_NEAR(filters[1], 0.016182, 1e-6);
  EXPECT_NEAR(filters[2], 0.032365, 1e-6);
}

TEST(MelFilters, PeakWhereTheScaleSays) {
  // One band of height 1 from 0 to 8 kHz peaks half way up the scale: HTK 700 (sqrt(1 + 80 / 7) - 1) Hz, Slaney
  // 1000 · 6.4^((m - 15) / 27) Hz at half of m = 15 + 27 log(8) / log(6.4).
  const auto peak = [](MelScale scale) {
    const Numbers row = mel_filters(8192, {.sample_rate = 16000, .bands = 1, .scale = scale, .equal_area = false});
    return 16000.0 / 8192 * static_cast<double>(std::max_element(row.begin(), row.end()) - row.begin());
  };
  const double slaney = 15 + 27 * std::log(8) / std::log(6.4);
  EXPECT_NEAR(peak(MelScale::htk), 700 * (std::sqrt(1 + 80.0 / 7) - 1), 1);
  EXPECT_NEAR(peak(MelScale::slaney), 1000 * std::pow(6.4, (slaney / 2 - 15) / 27), 1);
}

TEST(StftLosses, NameTheOptionThatIsWrong) {
  Graph g;
  const Signal x = g.input(0);
  const auto stft = [&](StftResolution resolution) { stft_loss(x, x, {.resolution = resolution}); };
  expect_error(ErrorCode::bad_value, "must be even", [&] { stft({65, 16, 64}); });
  expect_error(ErrorCode::bad_value, "stft_loss: window", [&] { stft({64, 16, 65}); });
  expect_error(ErrorCode::bad_value, "floor", [&] { stft_loss(x, x, {.terms = {.floor = 0}}); });
  expect_error(ErrorCode::bad_value, "floor must be in 1e-12 … 1, got 2", [&] { stft_loss(x, x, {.terms = {.floor = 2}}); });
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect_error(ErrorCode::bad_value, "): input 8, spectral_convergence, is not a number (NaN)",
               [&] { stft_loss(x, x, {.terms = {.spectral_convergence = nan}}); });
  expect_error(ErrorCode::bad_value,
               "stft_loss (stft_losses_test.cpp:", [&] { stft_loss(x, x, {.terms = {.spectral_convergence = nan}}); });
  expect_error(ErrorCode::bad_value, "no resolution", [&] { multi_resolution_stft_loss(x, x, {.resolutions = {}}); });
  expect_error(ErrorCode::bad_value, "multiple of 4", [&] { multi_scale_spectral_loss(x, x, {.sizes = {30}}); });
  expect_error(ErrorCode::bad_value, "sample_rate", [&] { mel_loss(x, x, {}); });
  expect_error(ErrorCode::bad_value, "between two bins", [&] { mel_loss(x, x, {.mel = {.sample_rate = 44100, .bands = 600}}); });
  expect_error(ErrorCode::bad_value, "must rise", [&] { mel_filters(64, {.sample_rate = 8000, .high_hz = 5000}); });
}

}  // namespace

// The spectral loss and its gradients against a loop over windows and bins, window by window, bin by bin.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/segment.h"
#include "dgen/spectral.h"
#include "dgen/time.h"
#include "support/expect_error.h"
#include "support/random_graph.h"
#include "support/spectral_reference.h"

namespace {

using namespace dgen;
using dgen::testing::Numbers;
using dgen::testing::Reference;
using dgen::testing::relative_difference;
using dgen::testing::spectral_reference;

constexpr WindowFunction hann = WindowFunction::hann;

/// Every scale, norm, padding, window function and relation of hop and window.
const std::array<SpectralLoss, 10> every_path{{
    {.window = 16, .reduction = Reduction::sum},
    {.window = 16, .hop = 5, .window_function = hann, .reduction = Reduction::sum},
    {.window = 32, .hop = 8, .window_function = hann, .padding = Padding::none, .normalisation = Normalisation::orthonormal},
    {.window = 8, .hop = 12, .window_function = WindowFunction::blackman, .symmetric = true, .norm = Norm::l1},
    {.window = 2, .reduction = Reduction::sum},
    {.window = 16, .hop = 4, .window_function = hann, .padding = Padding::center},
    {.window = 12, .hop = 5, .norm = Norm::l1, .scale = MagnitudeScale::log, .floor = 0.3},
    {.window = 16, .hop = 4, .window_function = WindowFunction::hamming, .scale = MagnitudeScale::smooth_log, .floor = 0.1},
    {.window = 16, .hop = 3, .padding = Padding::none, .scale = MagnitudeScale::log, .floor = 0.05},
    {.window = 8, .hop = 8, .padding = Padding::center, .norm = Norm::l1, .scale = MagnitudeScale::smooth_log, .floor = 0.5},
}};

std::vector<Signal> loss_and_gradient(Graph& g, const SpectralLoss& options) {
  const Signal in = g.input(0), loss = spectral_loss(in, g.input(1), options);
  return {loss, gradient(loss, std::span(&in, 1)).of[0]};
}

Reference interpreted(const Numbers& x, const Numbers& target, const SpectralLoss& options) {
  Graph g;
  const std::vector<Signal> wanted = loss_and_gradient(g, options);
  const auto values = SegmentInterpreter(g, wanted, 2000).evaluate(std::vector{x, target}, static_cast<std::int64_t>(x.size()));
  return {values[0][0], values[1]};
}

void expect_near(const Reference& got, const Reference& wanted, double relative) {
  EXPECT_NEAR(got.loss, wanted.loss, relative * std::fmax(1, wanted.loss));
  EXPECT_LT(relative_difference(got.gradient, wanted.gradient), relative);
}

TEST(SpectralLoss, AgreesWithALoopOverWindowsAndBins) {
  const auto in = dgen::testing::random_input(11, 2, 90);
  for (const SpectralLoss& o : every_path) {
    SCOPED_TRACE(&o - every_path.data());
    expect_near(interpreted(in[0], in[1], o), spectral_reference(in[0], in[1], o), 1e-9);
  }
}

TEST(SpectralLoss, CompiledAgreesWithALoopOverWindowsAndBins) {
  const auto in = dgen::testing::random_input(14, 2, 300);
  std::array<Graph, every_path.size()> graphs;
  std::vector<std::vector<Signal>> wanted;
  for (std::size_t k = 0; k < graphs.size(); ++k) wanted.push_back(loss_and_gradient(graphs[k], every_path[k]));
  const std::vector<SegmentProgram> programs = compile_segments(wanted);
  const std::vector<float> x(in[0].begin(), in[0].end()), target(in[1].begin(), in[1].end());
  const std::array<const float*, 2> channels{x.data(), target.data()};
  for (std::size_t k = 0; k < graphs.size(); ++k) {
    SCOPED_TRACE(k);
    Segment segment(programs[k], 2000, 300);
    segment.run(channels.data(), 300);
    const Numbers exact_x(x.begin(), x.end()), exact_target(target.begin(), target.end());
    const auto slopes = segment.frames(1);
    const Reference right = spectral_reference(exact_x, exact_target, every_path[k]);
    expect_near({segment.value(0), Numbers(slopes.begin(), slopes.end())}, right, 1e-5);
    // The same comparison refuses a gradient in which windows and bins replace each other, the error of the original.
    const Reference wrong = spectral_reference(exact_x, exact_target, every_path[k], true);
    EXPECT_GT(relative_difference(wrong.gradient, right.gradient), 0.1);
  }
}

/// A tone and noise, of `frames` frames.
std::vector<float> tone(std::int64_t frames, double turns_a_frame, std::uint64_t seed) {
  const Numbers noise = dgen::testing::random_input(seed, 1, frames)[0];
  std::vector<float> x;
  for (std::int64_t n = 0; n < frames; ++n)
    x.push_back(static_cast<float>(std::sin(2 * M_PI * turns_a_frame * static_cast<double>(n)) +
                                   0.1 * noise[static_cast<std::size_t>(n)]));
  return x;
}

TEST(SpectralLoss, SlidesOverWindowsOneFrameApart) {
  constexpr std::int64_t frames = 700;
  const std::vector<float> x = tone(frames, 0.0951, 3), target = tone(frames, 0.11, 4);
  const Numbers exact_x(x.begin(), x.end()), exact_target(target.begin(), target.end());
  const std::array<const float*, 2> channels{x.data(), target.data()};
  for (const SpectralLoss& o : {SpectralLoss{.window = 64}, SpectralLoss{.window = 36, .norm = Norm::l1}}) {
    Graph g;
    const std::vector<Signal> wanted = loss_and_gradient(g, o);
    const Reference right = spectral_reference(exact_x, exact_target, o);
    for (const int width : {o.window == 64 ? 16 : 8, 4}) {
      SCOPED_TRACE(width);
      const SegmentProgram program = compile_segment(wanted, {.compile = {.vector_width = width}});
      EXPECT_NE(program.explain().find("slide: " + std::to_string(o.window / 2 + 1) + " bins"), std::string::npos)
          << program.explain();
      Segment segment(program, 2000, frames);
      segment.run(channels.data(), frames);
      const auto slopes = segment.frames(1);
      expect_near({segment.value(0), Numbers(slopes.begin(), slopes.end())}, right, 1e-5);
      segment.run(channels.data(), 1);  // sub-blocks shorter than a vector
      const Reference one = spectral_reference({exact_x[0]}, {exact_target[0]}, o);
      EXPECT_NEAR(segment.frames(1)[0], one.gradient[0], 1e-5 * std::fabs(one.gradient[0]));
    }
  }
}

TEST(SpectralLoss, OfLongSegmentsStaysExactAndSmall) {
  constexpr std::int64_t frames = 8000;
  const std::vector<float> sound = tone(frames, 1.0 / 64, 5), target = tone(frames, 0.2, 6);
  Graph g;
  const Signal x = g.param("gain", 1) * g.input(0), loss = spectral_loss(x, g.input(1));
  const std::vector<Signal> wanted{loss, gradient(loss, std::span(&x, 1)).of[0]};
  const SegmentProgram program = compile_segment(wanted);
  Segment segment(program, 2000, frames);
  const std::array<const float*, 2> channels{sound.data(), target.data()};
  segment.run(channels.data(), frames);
  const auto slopes = segment.frames(1);
  const auto right =
      SegmentInterpreter(g, wanted, 2000)
          .evaluate(std::vector{Numbers(sound.begin(), sound.end()), Numbers(target.begin(), target.end())}, frames)[1];
  EXPECT_LT(relative_difference(Numbers(slopes.begin(), slopes.end()), right), 1e-5);  // sliding must not drift
  EXPECT_LE(Segment(program, 2000, 4096).tape_bytes(), 2'000'000);                     // no windows × bins × frames
}

/// The sliding loss and its gradient, and the same in double.
std::array<Reference, 2> slid_and_exact(const std::vector<float>& x, const std::vector<float>& target, const SpectralLoss& o) {
  Graph g;
  const std::vector<Signal> wanted = loss_and_gradient(g, o);
  const SegmentProgram program = compile_segment(wanted);
  EXPECT_NE(program.explain().find("slide: "), std::string::npos) << program.explain();
  const auto frames = static_cast<std::int64_t>(x.size());
  Segment segment(program, 2000, frames);
  const std::array<const float*, 2> channels{x.data(), target.data()};
  segment.run(channels.data(), frames);
  const auto slopes = segment.frames(1);
  return {Reference{segment.value(0), Numbers(slopes.begin(), slopes.end())},
          interpreted(Numbers(x.begin(), x.end()), Numbers(target.begin(), target.end()), o)};
}

TEST(SpectralLoss, LeavesNothingOfASoundInTheSilenceBehindIt) {
  constexpr std::size_t frames = 512, end = 100, again = 400;
  const std::vector<float> target = tone(frames, 0.11, 8);
  std::vector<float> x = tone(frames, 0.0951, 7);
  std::fill(x.begin() + end, x.begin() + again, 0.0F);
  for (const SpectralLoss& o : {SpectralLoss{.window = 64}, SpectralLoss{.window = 36, .norm = Norm::l1},
                                SpectralLoss{.window = 64, .scale = MagnitudeScale::log, .floor = 1e-10}}) {
    const auto [got, exact] = slid_and_exact(x, target, o);
    const bool logarithmic = o.scale == MagnitudeScale::log;
    EXPECT_NEAR(got.loss, exact.loss, 1e-5 * exact.loss);
    // Slopes of logarithms are as large as 1 / M, and as uncertain, in bins that hold almost nothing.
    EXPECT_LT(relative_difference(got.gradient, exact.gradient), logarithmic ? 1e-3 : 1e-5);
    double largest = 0;
    for (const double d : exact.gradient) largest = std::fmax(largest, std::fabs(d));
    const auto size = static_cast<std::size_t>(o.window);
    for (std::size_t n = end + size; n + size <= again; ++n) ASSERT_NEAR(got.gradient[n], 0, 1e-6 * largest) << n;
  }
}

/// The largest difference of slopes that windows without frame `bad` give, beside the largest of those slopes.
double difference_beside(std::size_t bad, std::size_t size, Reference got, Reference exact) {
  for (std::size_t n = bad - size + 1; n < bad + size; ++n) got.gradient[n] = exact.gradient[n] = 0;
  for (const double d : got.gradient) EXPECT_TRUE(std::isfinite(d));
  return relative_difference(got.gradient, exact.gradient);
}

TEST(SpectralLoss, ForgetsWhatIsNoNumberWithItsWindows) {
  constexpr std::size_t frames = 512, size = 64;
  const std::vector<float> target = tone(frames, 0.11, 8);
  for (const std::size_t bad : {120u, 240u}) {  // the second one's windows reach into the next sub-block
    std::vector<float> x = tone(frames, 0.0951, 7);
    x[bad] = std::numeric_limits<float>::quiet_NaN();
    const auto [got, exact] = slid_and_exact(x, target, {.window = size, .reduction = Reduction::sum});
    EXPECT_TRUE(std::isnan(got.loss) && std::isnan(exact.loss)) << "a loss must not hide what is no number";
    EXPECT_LT(difference_beside(bad, size, got, exact), 1e-5);
    for (const float large : {std::numeric_limits<float>::infinity(), 3e38F}) {
      x[bad] = large;
      EXPECT_LT(difference_beside(bad, size, slid_and_exact(x, target, {.window = size, .reduction = Reduction::sum})[0], exact),
                1e-5);
    }
  }
}

TEST(SpectralLoss, AddsWhatSeveralBinsAndWindowsGiveOneFrame) {
  const auto in = dgen::testing::random_input(13, 2, 40);
  const SpectralLoss o{.window = 8, .reduction = Reduction::sum};
  const Reference got = interpreted(in[0], in[1], o);
  for (const std::size_t n : {3u, 17u, 30u}) {
    Numbers up = in[0], down = in[0];
    const double h = 1e-5;
    up[n] += h, down[n] -= h;
    const double difference = (spectral_reference(up, in[1], o).loss - spectral_reference(down, in[1], o).loss) / (2 * h);
    EXPECT_NEAR(got.gradient[n], difference, 1e-6 * std::fabs(difference));
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
    const Signal total = ops::time_sum(ticks);
    Segment segment(compile_segment(std::span(&total, 1)), 48000, 4);
    const std::array<float, 4> samples{1, 2, 3, 4};
    const std::array<const float*, 2> channels{samples.data(), nullptr};
    segment.run(channels.data(), 4);
    EXPECT_NEAR(segment.value(0), norm == Norm::l2 ? 178 : 34.8929221, 1e-4);
  }
}

TEST(SpectralLoss, HasTheClosedValueOfTwoSines) {
  Graph g;
  const Signal amplitude = g.param("amplitude", 0.75), sine = sin(frame_index(g) * (two_pi * 200 / 2000));
  const Signal loss = spectral_loss(amplitude * sine, 0.5 * sine,
                                    {.window = 64, .window_function = hann, .symmetric = true, .reduction = Reduction::sum});
  const Gradient d = gradient(loss, std::span(&amplitude, 1));
  const std::vector<Signal> wanted{loss, d.of[0]};
  const auto values = SegmentInterpreter(g, wanted, 2000).evaluate({}, 256);
  EXPECT_NEAR(values[0][0], 5293.8031, 1e-3);
  EXPECT_NEAR(values[1][0], 42350.425, 1e-2);
  Segment segment(compile_segment(wanted), 2000, 256);
  segment.run(nullptr, 256);
  EXPECT_NEAR(segment.value(0), 5293.8031, 5293 * 1e-6);
  EXPECT_NEAR(segment.value(1), 42350.425, 42350 * 1e-6);
}

TEST(SpectralLoss, OfSilenceIsZeroAndSoAreItsGradients) {
  const Numbers silence(20, 0.0), sound = dgen::testing::random_input(1, 1, 20)[0];
  for (const MagnitudeScale scale : {MagnitudeScale::linear, MagnitudeScale::log, MagnitudeScale::smooth_log}) {
    const SpectralLoss o{.window = 8, .scale = scale};
    EXPECT_EQ(interpreted(silence, silence, o).loss, 0);
    for (const double d : interpreted(silence, sound, o).gradient) EXPECT_EQ(d, 0);
    Numbers late = sound;
    std::fill(late.begin(), late.begin() + 10, 0.0);
    for (const double d : interpreted(late, sound, {.window = 4, .norm = Norm::l1, .scale = scale}).gradient)
      EXPECT_TRUE(std::isfinite(d));
  }
}

TEST(SpectralLoss, OfASegmentShorterThanItsWholeWindowsIsZero) {
  const auto in = dgen::testing::random_input(3, 2, 20);
  const Reference got = interpreted(in[0], in[1], {.window = 32, .padding = Padding::none});
  EXPECT_EQ(got.loss, 0);
  for (const double d : got.gradient) EXPECT_EQ(d, 0);
}

TEST(SpectralLoss, CentredWindowsAreNoStream) {
  Graph g;
  const Signal x = g.input(0);
  g.output(spectral_loss(x, 0.5 * x, {.window = 8, .hop = 4, .padding = Padding::center, .reduction = Reduction::none}), "d");
  expect_error(ErrorCode::bad_value, "evaluate it over a segment", [&] { compile(g); });
}

TEST(SpectralLoss, NamesTheOptionThatIsWrong) {
  Graph g;
  const Signal x = g.input(0);
  expect_error(ErrorCode::bad_value, "must be even", [&] { spectral_loss(x, x, {.window = 7}); });
  expect_error(ErrorCode::bad_value, "spectral_loss: window", [&] { spectral_loss(x, x, {.window = 1 << 20}); });
  expect_error(ErrorCode::bad_value, "spectral_loss: floor", [&] { spectral_loss(x, x, {.floor = 0}); });
  expect_error(ErrorCode::bad_value, "spectral_loss (spectral_loss_test.cpp:", [&] { spectral_loss(Signal{}, x); });
  expect_error(ErrorCode::bad_value, "input 1, x, is an empty signal; it was never assigned",
               [&] { spectral_loss(Signal{}, x); });
  expect_error(ErrorCode::bad_value, "input 2, target, is an empty signal", [&] { spectral_loss(1.0, Signal{}); });
}

}  // namespace

// Equal parts of a patch as one part over vectors, in generated code against the interpreter.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "dgen/inspect.h"
#include "dgen/math.h"
#include "dgen/oscillators.h"
#include "dgen/program.h"
#include "dgen/time.h"
#include "support/engines.h"
#include "support/random_tensors.h"

namespace {

using namespace dgen;

/// A resonator of two histories.
Signal mode(Signal x, Signal frequency, double ratio, double radius) {
  Graph& g = *x.graph;
  const Signal y1 = ops::cell(g.constant(0)), y2 = ops::cell(g.constant(0));
  const Signal y = x + (2 * radius) * cos(frequency * (ratio / 48000 * 6.283185307179586)) * y1 - radius * radius * y2;
  g.close(y1, y);
  g.close(y2, y1);
  return y;
}

/// Two operators, of which the first bends its own phase.
Signal voice(Signal pitch, double ratio, Signal bend) {
  const Signal past = ops::cell(pitch.graph->constant(0));
  const Signal first = sin(6.283185307179586 * (phasor(pitch * ratio) + bend * past));
  past.graph->close(past, first);
  return sin(6.283185307179586 * (phasor(pitch * (0.5 * ratio)) + bend * first));
}

std::string reasons(const Graph& g) {
  std::string text;
  for (const StageReport& stage : explain(g).stages) text += stage.why + "\n";
  return text;
}

void expect_parity(const Graph& g, double tolerance) {
  constexpr std::int64_t frames = 2000;
  const auto in = dgen::testing::random_input(3, g.inputs(), frames);
  const auto expected = dgen_test::run(g, dgen_test::Engine::float64, in, frames, 48000);
  for (const int width : {4, 8, 16}) {
    const Program program = compile(g, {.vector_width = width});
    const auto whole = dgen_test::run(program, in, frames, frames, 48000);
    double largest = 1;
    for (const double y : expected[0]) largest = std::fmax(largest, std::fabs(y));
    for (std::size_t n = 0; n < expected[0].size(); ++n)
      ASSERT_NEAR(whole[0][n], expected[0][n], tolerance * largest) << "frame " << n << ", width " << width;
    for (const std::int64_t block : {1, 37, 256})
      ASSERT_EQ(dgen_test::run(program, in, frames, block, 48000), whole) << "blocks of " << block;
  }
}

TEST(Batch, OfModesIsTheirSum) {
  Graph g;
  const Signal x = g.input() * 0.1, pitch = g.param("pitch", 200);
  Signal total = 0.3 * x;
  for (int k = 0; k < 19; ++k) total = total + mode(x, pitch, 1 + 0.37 * k, 0.99 - 0.003 * k);
  g.output(total * 0.1);
  EXPECT_NE(reasons(g).find("[19] equal parts"), std::string::npos) << reasons(g);
  expect_parity(g, 1e-4);
}

TEST(Batch, TakesACommonFactorOutOfTheSum) {
  Graph g;
  const Signal x = g.input() * 0.1, pitch = g.param("pitch", 200), level = g.param("level", 0.3);
  Signal total{};
  for (int k = 0; k < 16; ++k) {
    const Signal one = level * mode(x, pitch, 1 + 0.37 * k, 0.99 - 0.003 * k);
    total = total ? total + one : one;
  }
  g.output(total);
  EXPECT_NE(reasons(g).find("[16] equal parts"), std::string::npos) << reasons(g);
  expect_parity(g, 1e-4);
}

TEST(Batch, KeepsTheNamesOfTheStatesOfEachPart) {
  constexpr int modes = 9;
  Graph g;
  const Signal x = g.input() * 0.1, pitch = g.param("pitch", 200);
  Signal total{};
  for (int k = 0; k < modes; ++k) {
    const Graph::Scope scope(g, "voice" + std::to_string(k));
    const Signal one = mode(x, pitch, 1 + 0.37 * k, 0.99 - 0.003 * k);
    total = total ? total + one : one;
  }
  g.output(total);
  ASSERT_NE(reasons(g).find("[9] equal parts"), std::string::npos) << reasons(g);
  const Program program = compile(g);
  Instance first(program, 48000), second(program, 48000);
  std::vector<float> in(100, 0.5f), heard(100), again(100);
  const std::array<const float*, 1> from{in.data()};
  const std::array<float*, 1> to{heard.data()}, to_again{again.data()};
  first.process(from.data(), to.data(), 100);
  SavedState saved = first.save();
  for (int k = 0; k < modes; ++k) {
    const auto found = saved.find("voice" + std::to_string(k) + "/cell");
    ASSERT_NE(found, saved.end()) << k;
    EXPECT_EQ(found->second.size(), 1u);
  }
  const auto differences = [](const auto& state) { return state.first.ends_with("/difference"); };
  EXPECT_EQ(std::ranges::count_if(saved, differences), modes);  // what a resonator by itself does not keep
  second.restore(saved);
  first.process(from.data(), to.data(), 100);
  second.process(from.data(), to_again.data(), 100);
  EXPECT_EQ(heard, again);
}

/// In direct form float32 loses up to half of the peak of such modes.
TEST(Batch, KeepsPolesNearOneApartFromIt) {
  Graph g;
  const Signal x = g.input() * 1e-3, pitch = g.param("pitch", 10);
  Signal total{};
  for (int k = 0; k < 32; ++k) {
    const Signal one = mode(x, pitch, 1 + 3.0 * k * k, 0.9999);
    total = total ? total + one : one;
  }
  g.output(total);
  expect_parity(g, 1e-4);
}

TEST(Batch, HoldsNarrowFiltersNearZero) {
  constexpr std::int64_t frames = 60000;
  Graph g;  // Q 500 from 10 Hz on
  const Signal x = g.input(), pitch = g.param("pitch", 10);
  Signal total{};
  for (int k = 0; k < 16; ++k) {
    const double ratio = 1 + 0.5 * k;
    const Signal one = mode(x, pitch, ratio, std::exp(-6.283185307179586 * 10 * ratio / 48000 / 1000));
    total = total ? total + one : one;
  }
  g.output(total);
  const auto in = dgen::testing::random_input(3, g.inputs(), frames);
  const auto expected = dgen_test::run(g, dgen_test::Engine::float64, in, frames, 48000)[0],
             got = dgen_test::run(g, dgen_test::Engine::cpu, in, frames, 48000)[0];
  double peak = 0, worst = 0;
  for (std::size_t n = 0; n < expected.size(); ++n) {
    peak = std::fmax(peak, std::fabs(expected[n]));
    worst = std::fmax(worst, std::fabs(expected[n] - got[n]));
  }
  EXPECT_LT(worst / peak, 1e-4);
}

/// A float beside 1 is off by up to 3e-8, which over so many frames would make 1e-3 of the peak. Of a mode at a time, so that
/// none hides behind louder ones: the others are silent.
TEST(Batch, KeepsDecaysOfSeconds) {
  constexpr std::int64_t frames = 100000;
  for (const double angle : {0.1, 0.01, 0.001}) {
    Graph g;
    const Signal x = g.input(), pitch = g.param("pitch", angle * 48000 / 6.283185307179586);
    Signal total{};
    for (int k = 0; k < 9; ++k) {
      const Signal one = mode((k == 4 ? 0.5 : 1e-9 * (k + 1)) * x, pitch, 1, k == 4 ? 0.99999 : 0.9 + 0.01 * k);
      total = total ? total + one : one;
    }
    g.output(total);
    ASSERT_NE(reasons(g).find("[9] equal parts"), std::string::npos) << reasons(g);
    std::vector<std::vector<double>> in{std::vector<double>(frames, 0.0)};
    in[0][0] = 1e-3;
    const auto expected = dgen_test::run(g, dgen_test::Engine::float64, in, frames, 48000)[0],
               got = dgen_test::run(compile(g), in, frames, frames, 48000)[0];
    double peak = 0, error = 0;
    for (std::size_t n = 0; n < expected.size(); ++n) {
      peak = std::fmax(peak, std::fabs(expected[n]));
      error = std::fmax(error, std::fabs(got[n] - expected[n]));
    }
    EXPECT_LT(error, 1e-4 * peak) << "angle " << angle;
  }
}

TEST(Batch, OfVoicesHasItsPhasesInFixedPoint) {
  Graph g;
  const Signal bend = g.param("bend", 0.05);
  Signal total{};
  for (int k = 0; k < 9; ++k) {
    const Signal one = voice(g.param("pitch" + std::to_string(k), 100 + 31.7 * k), 1 + 0.25 * k, bend);
    total = total ? total + one : one;
  }
  g.output(total * 0.1);
  EXPECT_NE(reasons(g).find("are phases in fixed point"), std::string::npos) << reasons(g);
  expect_parity(g, 1e-3);  // a loop of sines makes the float32 rounding of its phase larger
}

TEST(Batch, IsNotOfWhatOthersRead) {
  Graph g;
  const Signal x = g.input(), pitch = g.param("pitch", 200);
  Signal total = x;
  for (int k = 0; k < 9; ++k) {
    const Signal one = mode(x, pitch, 1 + 0.37 * k, 0.9);
    total = total + one;
    g.output(one);
  }
  g.output(total);
  EXPECT_EQ(reasons(g).find("equal parts"), std::string::npos);
}

}  // namespace

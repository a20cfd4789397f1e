// Filters of one linear system of which some are no longer finite: the others sound as they would alone.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "dgen/inspect.h"
#include "dgen/interpreter.h"
#include "dgen/math.h"
#include "dgen/program.h"
#include "dgen/segment.h"
#include "dgen/time.h"
#include "support/engines.h"
#include "support/play.h"

namespace {

using namespace dgen;
using namespace dgen_test;

constexpr double sample_rate = 48000;
constexpr int vector_widths[] = {4, 8, 16};

/// x + 1.2 y[n-1] - r y[n-2]: stable for r in (0.2, 1).
Signal loop_of_two(Signal x, Signal r) {
  Graph& g = *x.graph;
  const Signal y1 = ops::cell(g.constant(0)), y2 = ops::cell(g.constant(0));
  const Signal y = x + 1.2 * y1 - r * y2;
  g.close(y1, y);
  g.close(y2, y1);
  return y;
}

/// A stable filter, then one with `r`, which the first output has no part in.
std::array<Signal, 2> two_filters(Graph& g) {
  const Signal stable = loop_of_two(0.1 * g.input(), g.constant(0.5));
  return {stable, loop_of_two(stable, g.param("r", 0.6, {.min = 0, .max = 4}))};
}

void add_outputs(Graph& g) {
  for (const Signal y : two_filters(g)) g.output(y);
  for (const StageReport& stage : explain(g).stages) {
    if (stage.why.find("one linear system of 4 states") != std::string::npos) return;
  }
  ADD_FAILURE() << "these are two systems";
}

using Sound = std::array<std::vector<float>, 2>;

/// What the instance plays next.
Sound play_on(Instance& instance, const std::vector<float>& x, std::int64_t block) {
  Sound out{std::vector<float>(x.size()), std::vector<float>(x.size())};
  for (std::size_t at = 0; at < x.size(); at += static_cast<std::size_t>(block)) {
    const float* from[] = {x.data() + at};
    float* to[] = {out[0].data() + at, out[1].data() + at};
    instance.process(from, to, std::min(block, static_cast<std::int64_t>(x.size() - at)));
  }
  return out;
}

std::vector<float> noise(std::int64_t frames, std::uint32_t seed = 1) {
  const std::vector<double> x = white_noise(frames, seed);
  return {x.begin(), x.end()};
}

std::vector<double> expected_of_first(const std::vector<float>& x) {
  Graph g;
  g.output(loop_of_two(0.1 * g.input(), g.constant(0.5)));
  return run(g, Engine::float64, {std::vector<double>(x.begin(), x.end())}, static_cast<std::int64_t>(x.size()), sample_rate)[0];
}

void expect_near(const std::vector<float>& got, const std::vector<double>& expected, std::size_t from, const std::string& what) {
  for (std::size_t n = 0; n < got.size(); ++n) ASSERT_NEAR(got[n], expected[from + n], 1e-5) << what << ", frame " << from + n;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](float x, float y) { return x == y || (x != x && y != y); });
}

TEST(CascadeOverflow, LeavesOtherOutputsAlone) {
  Graph g;
  add_outputs(g);
  const std::vector<float> x = noise(1500);
  const std::vector<double> expected = expected_of_first(x);
  for (const int width : vector_widths) {
    const Program program = compile(g, {.vector_width = width});
    Sound whole;
    for (const std::int64_t block : {1500, 1, 37}) {
      const std::string what = "width " + std::to_string(width) + ", blocks of " + std::to_string(block);
      Instance instance(program, sample_rate);
      instance.set("r", 2);
      const Sound got = play_on(instance, x, block);
      expect_near(got[0], expected, 0, what);
      EXPECT_FALSE(std::isfinite(got[1].back())) << what;
      if (block == 1500) whole = got;
      EXPECT_TRUE(same_bits(got[0], whole[0]) && same_bits(got[1], whole[1])) << what;
    }
  }
}

TEST(CascadeOverflow, LeavesThemAloneWhereItIsRestored) {
  Graph g;
  add_outputs(g);
  const std::vector<float> x = noise(1100), head(x.begin(), x.begin() + 605), tail(x.begin() + 605, x.end());
  const std::vector<double> expected = expected_of_first(x);
  for (const int width : vector_widths) {
    const Program program = compile(g, {.vector_width = width});
    Instance saved(program, sample_rate), restored(program, sample_rate);
    saved.set("r", 2), restored.set("r", 2);
    ASSERT_FALSE(std::isfinite(play_on(saved, head, 64)[1].back()));
    restored.restore(saved.save());
    expect_near(play_on(restored, tail, 64)[0], expected, 605, "width " + std::to_string(width));
    saved.set("r", 0.6);  // the coefficients change and come to rest
    expect_near(play_on(saved, tail, 64)[0], expected, 605, "r = 0.6, width " + std::to_string(width));
  }
}

TEST(CascadeOverflow, PassesNaNThroughAGainOfZero) {
  Graph g;
  const Signal first = loop_of_two(0.1 * g.input(), g.constant(0.5));
  const Signal second = loop_of_two(ops::mul(first, g.constant(0)), g.constant(0.5));
  g.output(second);
  g.output(loop_of_two(second, g.constant(0.5)));
  std::vector<float> x = noise(700);
  x[260] = std::numeric_limits<float>::quiet_NaN();
  const auto expected = run(g, Engine::float64, {std::vector<double>(x.begin(), x.end())}, 700, sample_rate);
  for (const int width : vector_widths) {
    Instance instance(compile(g, {.vector_width = width}), sample_rate);
    const Sound got = play_on(instance, x, 64);
    for (std::size_t c = 0; c < 2; ++c) {
      for (std::size_t n = 0; n < x.size(); ++n) {
        ASSERT_EQ(std::isnan(expected[c][n]), n >= 260) << n;
        ASSERT_EQ(std::isnan(got[c][n]), n >= 260) << "width " << width << ", output " << c << ", frame " << n;
      }
    }
  }
}

TEST(CascadeOverflow, EndsAtAReset) {
  Graph g;
  add_outputs(g);
  const std::vector<float> x = noise(800);
  std::vector<float> broken = x;
  broken[403] = std::numeric_limits<float>::quiet_NaN();
  for (const int width : vector_widths) {
    const Program program = compile(g, {.vector_width = width});
    Instance fresh(program, sample_rate), instance(program, sample_rate);
    const Sound expected = play_on(fresh, x, 64), until = play_on(instance, broken, 64);
    for (std::size_t c = 0; c < 2; ++c) {
      EXPECT_TRUE(std::equal(until[c].begin(), until[c].begin() + 403, expected[c].begin())) << "width " << width;
      for (std::size_t n = 403; n < x.size(); ++n) ASSERT_TRUE(std::isnan(until[c][n])) << "width " << width << ", frame " << n;
    }
    instance.reset();
    const Sound again = play_on(instance, x, 64);
    EXPECT_TRUE(again == expected) << "width " << width;
  }
}

TEST(CascadeOverflow, LeavesOtherSignalsOfASegmentAlone) {
  Graph g;
  const std::array<Signal, 2> wanted = two_filters(g);
  const std::vector<float> x = noise(900);
  const std::vector<double> expected = expected_of_first(x);
  for (const int width : vector_widths) {
    const SegmentProgram program = compile_segment(wanted, {.compile = {.vector_width = width}});
    Segment segment(program, sample_rate, 900);
    segment.set("r", 2);
    const float* in[] = {x.data()};
    segment.run(in, 900);
    const std::span<const float> got = segment.frames(0), other = segment.frames(1);
    EXPECT_FALSE(std::isfinite(other.back()));
    expect_near({got.begin(), got.end()}, expected, 0, "width " + std::to_string(width));
  }
}

}  // namespace

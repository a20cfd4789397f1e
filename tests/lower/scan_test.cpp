// Recurrences that run as scans, against the double interpreter: where poles are hard for floats, and while they move.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "dgen/compare.h"
#include "dgen/dsp.h"
#include "dgen/inspect.h"
#include "dgen/interpreter.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "support/engines.h"
#include "support/play.h"

namespace {

using namespace dgen;
using namespace dgen_test;

constexpr double sample_rate = 48000;

int stages_of(const Graph& g, const std::string& order) {
  const Report report = explain(g);
  return static_cast<int>(
      std::count_if(report.stages.begin(), report.stages.end(), [&](const StageReport& s) { return s.order == order; }));
}

/// y[n] = x[n] + 2 r cos(angle) y[n-1] - r^2 y[n-2], in direct form.
Signal resonator(Signal x, Signal radius, Signal angle) {
  Graph& g = *x.graph;
  const Signal y1 = ops::cell(g.constant(0)), y2 = ops::cell(g.constant(0));
  const Signal y = x + 2.0 * radius * cos(angle) * y1 - radius * radius * y2;
  g.close(y1, y);
  g.close(y2, y1);
  return y;
}

/// Largest difference of generated code and the double interpreter, over the largest value.
double error_of_peak(const Graph& g, const Channels& in, std::int64_t frames) {
  const auto expected = run(g, Engine::float64, in, frames, sample_rate), got = run(g, Engine::cpu, in, frames, sample_rate);
  double worst = 0, peak = 0;
  for (std::size_t n = 0; n < expected[0].size(); ++n) {
    worst = std::fmax(worst, std::fabs(expected[0][n] - got[0][n]));
    peak = std::fmax(peak, std::fabs(expected[0][n]));
  }
  return worst / peak;
}

/// `frames` frames of `in` from `from` on.
std::vector<float> play_part(Instance& instance, const std::vector<float>& in, std::int64_t from, std::int64_t frames) {
  std::vector<float> out(static_cast<std::size_t>(frames));
  const float* channels[] = {in.data() + from};
  float* to[] = {out.data()};
  instance.process(channels, to, frames);
  return out;
}

TEST(Scan, HoldsResonatorsNearTheUnitCircle) {
  const std::int64_t frames = 40000;
  const Channels in{white_noise(frames)};
  double worst = 0;
  for (const double radius : {0.99, 0.999, 0.9999, 0.99999}) {
    for (const double angle : {0.1, 0.01, 0.001, 0.0005}) {
      Graph g;
      // parameters are floats, so that what is near 1 is given as its distance
      const Signal r = 1.0 - g.param("short-of-one", 1 - radius);
      g.output(resonator(g.input(), r, g.param("angle", angle)));
      Graph exact;
      const double gap = static_cast<double>(static_cast<float>(1 - radius)),
                   turn = static_cast<double>(static_cast<float>(angle));
      exact.output(resonator(exact.input(), 1.0 - exact.param("short-of-one", gap), exact.param("angle", turn)));
      const auto expected = run(exact, Engine::float64, in, frames, sample_rate),
                 got = run(g, Engine::cpu, in, frames, sample_rate);
      double error = 0, peak = 0;
      for (std::size_t n = 0; n < expected[0].size(); ++n) {
        error = std::fmax(error, std::fabs(expected[0][n] - got[0][n]));
        peak = std::fmax(peak, std::fabs(expected[0][n]));
      }
      EXPECT_LT(error / peak, 1e-4) << "radius " << radius << ", angle " << angle;
      worst = std::fmax(worst, error / peak);
    }
  }
  RecordProperty("worst", std::to_string(worst));
  std::printf("worst error of the peak: %.2g\n", worst);
}

TEST(Scan, HoldsTheBiquadAtTwentyHertz) {
  const Channels in{white_noise(48000)};
  for (int mode = 0; mode < 9; ++mode) {
    Graph g;
    g.output(biquad(g.input(), g.param("cutoff", 20), 0.7071067811865476, 2.0, mode));
    EXPECT_LT(error_of_peak(g, in, 48000), 1e-5) << "mode " << mode;
  }
}

TEST(Scan, FollowsCoefficientsThatChangePerFrame) {
  const Channels in{white_noise(20000)};
  Graph g;
  const Signal sweep = 200.0 * exp2(3.0 + 2.9 * sin(phasor(g.constant(7)) * two_pi));
  g.output(svf_lowpass(g.input(), sweep, 4.0));
  EXPECT_EQ(stages_of(g, "sequential"), 0);
  EXPECT_LT(error_of_peak(g, in, 20000), 1e-5);
}

TEST(Scan, FollowsParametersThatJumpInsideAVector) {
  Graph g;
  g.output(resonator(g.input(), g.param("radius", 0.5), g.param("angle", 0.25)));
  const Program program = compile(g);
  Instance instance(program, sample_rate);
  Interpreter reference(g, sample_rate);
  const std::vector<double> x = white_noise(1000);
  std::int64_t at = 0;
  for (const std::int64_t block : {3, 16, 5, 1, 40, 7, 64, 2, 300, 11}) {
    const double angle = static_cast<double>(0.25f + 0.125f * static_cast<float>(at % 8));
    instance.set("angle", angle), reference.set("angle", angle);
    const std::vector<double> part(x.begin() + at, x.begin() + at + block);
    const std::vector<float> floats(part.begin(), part.end());
    std::vector<float> got(floats.size());
    const float* from[] = {floats.data()};
    float* to[] = {got.data()};
    instance.process(from, to, block);
    std::vector<std::vector<double>> expected;
    reference.process(Channels{part}, expected, block);
    for (std::size_t n = 0; n < got.size(); ++n)
      EXPECT_NEAR(static_cast<double>(got[n]), expected[0][n], 1e-5) << at << " + " << n;
    at += block;
  }
}

TEST(Scan, GoesOnFromASavedState) {
  Graph g;
  g.output(resonator(g.input(), g.constant(0.99), g.param("angle", 0.1)));
  const Program program = compile(g);
  const std::vector<double> x = white_noise(200);
  const std::vector<float> in(x.begin(), x.end());
  Instance first(program, sample_rate), second(program, sample_rate);
  play_part(first, in, 0, 37);
  second.restore(first.save());
  EXPECT_EQ(play_part(second, in, 37, 163), play_part(first, in, 37, 163));
}

/// Loops of one state and of two, with coefficients that stay and that change per frame, and with a first value.
std::vector<std::pair<std::string, std::function<Signal(Graph&)>>> scans_of_all_kinds() {
  return {{"one-pole", [](Graph& g) { return onepole(g.input(), g.param("cutoff", 200)); }},
          {"biquad", [](Graph& g) { return biquad(g.input(), g.param("cutoff", 500), 4.0, 1.0, 0); }},
          {"one-pole at audio rate", [](Graph& g) { return onepole(g.input(), 200.0 + 100.0 * g.input()); }},
          {"filter of two states at audio rate", [](Graph& g) { return svf_lowpass(g.input(), 900.0 + 400.0 * g.input(), 4.0); }},
          {"decay", [](Graph& g) {
             const Signal y = ops::cell(g.constant(0.5));
             g.close(y, 0.99 * y + 0.01 * g.input());
             return y;
           }}};
}

constexpr int vector_widths[] = {4, 8, 16};

std::vector<Program> at_each_width(const Graph& g) {
  std::vector<Program> programs;
  for (const int width : vector_widths) programs.push_back(compile(g, {.vector_width = width}));
  return programs;
}

TEST(Scan, GoesOnFromAStateSavedAtAnyVectorWidth) {
  constexpr std::int64_t frames = 100;
  const std::vector<double> x = white_noise(frames);
  const std::vector<float> in(x.begin(), x.end());
  for (const auto& [name, build] : scans_of_all_kinds()) {
    Graph g;
    g.output(build(g));
    ASSERT_EQ(stages_of(g, "sequential"), 0) << name;
    const std::vector<Program> programs = at_each_width(g);
    for (std::size_t from = 0; from < programs.size(); ++from) {
      for (std::size_t to = 0; to < programs.size(); ++to) {
        for (const std::int64_t until : {9, 12, 13, 16, 21}) {
          Instance saved(programs[from], sample_rate), restored(programs[to], sample_rate), whole(programs[to], sample_rate);
          play_part(saved, in, 0, until);
          play_part(whole, in, 0, until);
          restored.restore(saved.save());
          const std::vector<float> expected = play_part(whole, in, until, frames - until),
                                   got = play_part(restored, in, until, frames - until);
          const std::string what = name + " after " + std::to_string(until) + " frames, from " +
                                   std::to_string(vector_widths[from]) + " to " + std::to_string(vector_widths[to]);
          if (from == to) {
            EXPECT_EQ(got, expected) << what;
          }
          float worst = 0;
          for (std::size_t n = 0; n < got.size(); ++n) worst = std::fmax(worst, std::fabs(got[n] - expected[n]));
          EXPECT_LT(worst, 1e-5f) << what;  // the order of sums: some roundings of values near 1
        }
      }
    }
  }
}

TEST(Scan, GoesOnThroughVectorsOfManyWidths) {
  const std::vector<double> x = white_noise(100);
  const std::vector<float> in(x.begin(), x.end());
  for (const auto& [name, build] : scans_of_all_kinds()) {
    Graph g;
    g.output(build(g));
    const std::vector<Program> programs = at_each_width(g);
    Instance whole(programs[0], sample_rate);
    const std::vector<float> expected = play_part(whole, in, 0, 100);
    std::vector<float> got;
    SavedState state = Instance(programs[0], sample_rate).save();
    for (const auto& [program, frames] : {std::pair{2, 13}, {1, 2}, {2, 11}, {0, 1}, {2, 3}, {1, 1}, {0, 4}, {1, 12}, {2, 53}}) {
      Instance instance(programs[static_cast<std::size_t>(program)], sample_rate);
      instance.restore(state);
      const std::vector<float> part = play_part(instance, in, static_cast<std::int64_t>(got.size()), frames);
      got.insert(got.end(), part.begin(), part.end());
      state = instance.save();
    }
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t n = 0; n < got.size(); ++n) ASSERT_NEAR(got[n], expected[n], 1e-5) << name << ", frame " << n;
  }
}

TEST(Scan, TakesLoopsByWhatTheyCompute) {
  const auto runs_as = [](auto build) {
    Graph g;
    const Signal y = ops::cell(g.constant(0.5));
    const Signal next = build(g, y);
    g.close(y, next);
    g.output(next);
    return stages_of(g, "sequential") == 0 ? std::string("scan") : std::string("loop");
  };
  const auto x = [](Graph& g) { return g.input(); };
  EXPECT_EQ(runs_as([&](Graph& g, Signal y) { return x(g) + 0.5 * y; }), "scan");
  EXPECT_EQ(runs_as([&](Graph& g, Signal y) { return y + (x(g) - y) * abs(x(g)); }), "scan");
  EXPECT_EQ(runs_as([&](Graph& g, Signal y) { return -(y - x(g)) / (2.0 + x(g) * x(g)); }), "scan");
  EXPECT_EQ(runs_as([&](Graph& g, Signal y) { return select(ops::gt(x(g), 0.0), x(g), y); }), "scan");
  EXPECT_EQ(runs_as([&](Graph& g, Signal y) { return select(ops::gt(y, 1.0), 0.0, y + 0.1 * x(g)); }), "loop");
  EXPECT_EQ(runs_as([&](Graph& g, Signal y) { return tanh(x(g) + y); }), "loop");
  EXPECT_EQ(runs_as([&](Graph& g, Signal y) { return x(g) + 0.5 * abs(y); }), "loop");
  EXPECT_EQ(runs_as([&](Graph& g, Signal y) { return x(g) + floor(y); }), "loop");
  EXPECT_EQ(runs_as([&](Graph& g, Signal y) { return x(g) * 0.1 + 0.1 * y * y; }), "loop");
  EXPECT_EQ(runs_as([&](Graph& g, Signal y) { return max(y * 0.99, x(g)); }), "loop");
  EXPECT_EQ(runs_as([&](Graph&, Signal y) { return mod(y + 1.0, 1000.0); }), "loop");  // its gradient is a policy
  EXPECT_EQ(runs_as([&](Graph& g, Signal y) { return fract(y + x(g)); }), "loop");
  EXPECT_EQ(runs_as([&](Graph& g, Signal y) { return select(ops::gt(x(g), 0.0), 0.5 * y, 0.9 * y + x(g)); }), "scan");
}

TEST(Scan, IsSilentInSilence) {
  Graph g;  // its powers leave the range of a float within a vector
  const Signal a = ops::cell(g.constant(0)), b = ops::cell(g.constant(0));
  const Signal steady = g.input() + 1000.0 * a, moving = g.input() + (1000.0 + g.input()) * b;
  g.close(a, steady);
  g.close(b, moving);
  g.output(steady);
  g.output(moving);
  EXPECT_EQ(stages_of(g, "sequential"), 0);
  for (const std::vector<double>& channel : run(g, Engine::cpu, {std::vector<double>(200)}, 200, sample_rate)) {
    for (const double y : channel) ASSERT_EQ(y, 0.0);
  }
}

TEST(Scan, EndsAtAResetThatAParameterTakes) {
  Graph g;
  const Signal y = ops::cell(g.constant(0));
  const Signal next = select(ops::gt(g.param("reset", 0), 0.5), 0.0, y + g.input());
  g.close(y, next);
  g.output(next);
  EXPECT_EQ(stages_of(g, "sequential"), 0);
  Instance instance(compile(g), sample_rate);
  std::vector<float> x(40, std::numeric_limits<float>::infinity()), out(40);
  const float* from[] = {x.data()};
  float* to[] = {out.data()};
  instance.process(from, to, 40);
  std::fill(x.begin(), x.end(), 1.0f);
  instance.set("reset", 1.0);
  instance.process(from, to, 40);
  EXPECT_EQ(out, std::vector<float>(40, 0.0f));
}

TEST(Scan, EndsAtAReset) {
  Graph g;
  const Signal y = ops::cell(g.constant(0));
  const Signal next = select(ops::gt(g.input(1), 0.0), 0.0, y + g.input());
  g.close(y, next);
  g.output(next);
  EXPECT_EQ(stages_of(g, "sequential"), 0);
  Channels in{std::vector<double>(200, 1.0), std::vector<double>(200)};
  in[0][50] = std::numeric_limits<double>::infinity();
  in[1][100] = 1;
  const auto out = run(g, Engine::cpu, in, 200, sample_rate);
  EXPECT_EQ(out[0][100], 0.0);
  EXPECT_EQ(out[0][199], 99.0);
}

/// A sum of loops that run away until they are reset, at frame 150; more states take another form than a scan.
void expect_end_at_reset(int loops, int states) {
  Graph g;
  const Signal x = g.input(), reset = ops::gt(g.input(1), 0.0);
  Signal total{};
  for (int k = 0; k < loops; ++k) {
    std::vector<Signal> cells;
    for (int s = 0; s < states; ++s) cells.push_back(ops::cell(g.constant(0)));
    for (int s = 0; s < states; ++s) {
      const Signal other = cells[static_cast<std::size_t>((s + 1) % states)];
      g.close(cells[static_cast<std::size_t>(s)], select(reset, 0.0, (4.0 + 0.1 * k) * other + x));
    }
    total = total ? total + cells[0] : cells[0];
  }
  g.output(total);
  Channels in{std::vector<double>(200, 1.0), std::vector<double>(200)};
  in[1][150] = 1;
  const auto expected = run(g, Engine::float64, in, 200, sample_rate), out = run(g, Engine::cpu, in, 200, sample_rate);
  for (std::size_t n = 151; n < 180; ++n)
    ASSERT_NEAR(out[0][n], expected[0][n], 1e-5 * std::fabs(expected[0][n]))
        << loops << " loops of " << states << ", frame " << n;
}

TEST(Scan, AndWhatStandsForItEndAtAReset) {
  expect_end_at_reset(1, 2);
  expect_end_at_reset(1, 3);
  expect_end_at_reset(7, 1);
  expect_end_at_reset(24, 1);
}

/// Four states, and a division that needs none of them; guarded: that is 0 where the divisor is, as in patch text.
void add_ladder(Graph& g, bool guarded) {
  const Signal x = g.input(), damping = 2.0 + x * x;
  std::vector<Signal> states;
  for (int k = 0; k < 4; ++k) states.push_back(ops::cell(g.constant(0)));
  Signal y = (x - 0.5 * states[3]) / damping;
  if (guarded) y = select(ops::eq(damping, 0.0), 0.0, y);
  for (const Signal state : states) {
    y = state + 0.3 * (y - state) / damping;
    g.close(state, y);
  }
  g.output(y);
}

TEST(Scan, MovesTheCoefficientsOfLargeLoopsOut) {
  for (const bool guarded : {false, true}) {
    Graph g;
    add_ladder(g, guarded);
    EXPECT_EQ(stages_of(g, "sequential"), 1);
    EXPECT_LT(error_of_peak(g, {white_noise(2000)}, 2000), 1e-5);
  }
}

/// A filter saved at any frame, also within a vector, goes on as if its parameters had changed there.
TEST(Scan, IsRestoredUnderOtherParameters) {
  Graph g;
  const Signal cutoff = g.param("cutoff", 500), x = g.input();
  g.output(svf_lowpass(x, cutoff, 3.0) + onepole(x, cutoff) + biquad_lowpass(biquad_lowpass(x, cutoff, 1), 2 * cutoff, 2));
  const Program program = compile(g);
  const std::vector<double> noise = white_noise(1000);
  const std::vector<float> in{noise.begin(), noise.end()};
  const auto play = [&](Instance& instance, std::int64_t from, std::int64_t to) {
    std::vector<float> out(in.size());
    for (std::int64_t at = from; at < to; at += 64) {
      const float* source[] = {in.data() + at};
      float* target[] = {out.data() + at};
      instance.process(source, target, std::min<std::int64_t>(64, to - at));
    }
    return out;
  };
  for (const std::int64_t frame : {16, 333, 601}) {
    Instance whole(program, sample_rate), other(program, sample_rate);
    play(whole, 0, frame);
    const SavedState saved = whole.save();
    other.set("cutoff", 5000);
    play(other, 0, 77);
    other.restore(saved);
    whole.set("cutoff", 5000);
    EXPECT_EQ(play(other, frame, 1000), play(whole, frame, 1000)) << "frame " << frame;
  }
}

TEST(Scan, SaysWhyAndHow) {
  Graph g;
  const Signal x = g.input();
  g.output(onepole(resonator(x, g.constant(0.9), g.param("angle", 0.1)), 1000.0 + 10.0 * x));
  std::string all;
  for (const StageReport& stage : explain(g).stages) all += stage.why + "\n";
  EXPECT_NE(all.find("runs as a scan in turned coordinates with powers of its coefficients"), std::string::npos) << all;
  EXPECT_NE(all.find("runs as a scan with coefficients that change per frame"), std::string::npos) << all;
}

/// Sums of filters are where the C compiler is most tempted to fuse products into them, in one copy of the code only.
TEST(Scan, OfSummedFiltersGivesTheSameBitsInBlocksOfAnySize) {
  Graph g;
  const Signal x = g.input(0), shared = onepole(biquad(x, 700.0, 2.0, 1.0, 2), 3000.0);
  g.output(shared + onepole(biquad(x, 1900.0, 3.0, 1.0, 2), 500.0) + onepole(biquad(g.input(1), 300.0, 1.0, 1.0, 2), 5000.0));
  g.output(shared);
  const Channels in{white_noise(700), white_noise(700, 7)};
  for (const int width : {4, 8, 16}) {
    const Program program = compile(g, {.vector_width = width});
    const Channels whole = run(program, in, 700, 700, sample_rate);
    for (const std::int64_t block : {1, 7, 64})
      EXPECT_EQ(run(program, in, 700, block, sample_rate), whole) << "width " << width << ", blocks of " << block;
  }
}

/// Many scans in one loop hand on their states another way; some share their coefficients.
TEST(Scan, OfManySignalsIsExactAndGivesTheSameBitsInBlocksOfAnySize) {
  Graph g;
  const Signal low = g.param("low", 20.0), high = g.param("high", 5000.0);
  Channels in;
  for (int c = 0; c < 6; ++c) {
    g.output(onepole(g.input(c), c < 4 ? low : high));
    in.push_back(white_noise(700, static_cast<std::uint32_t>(c + 1)));
  }
  const Channels expected = run(g, Engine::float64, in, 700, sample_rate);
  for (const int width : {4, 8, 16}) {
    const Program program = compile(g, {.vector_width = width});
    const Channels whole = run(program, in, 700, 700, sample_rate);
    for (std::size_t c = 0; c < whole.size(); ++c) expect_near(whole[c], expected[c], 1e-6);  // of values up to 1
    for (const std::int64_t block : {1, 7, 64})
      EXPECT_EQ(run(program, in, 700, block, sample_rate), whole) << "width " << width << ", blocks of " << block;
  }
}

}  // namespace

// Filters in a row as one linear system, against the double interpreter: with blocks, while coefficients move, and between.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "dgen/dsp.h"
#include "dgen/inspect.h"
#include "dgen/interpreter.h"
#include "dgen/math.h"
#include "support/engines.h"
#include "support/play.h"

namespace {

using namespace dgen;
using namespace dgen_test;

constexpr double sample_rate = 48000;
constexpr int vector_widths[] = {4, 8, 16};

std::string all_reasons(const Graph& g) {
  std::string all;
  for (const StageReport& stage : explain(g).stages) all += stage.why + "\n";
  return all;
}

bool is_fused(const Graph& g, int states) {
  return all_reasons(g).find("one linear system of " + std::to_string(states) + " states") != std::string::npos;
}

/// Peaking filters and one-poles in turn, with parameters.
Signal equaliser(Graph& g, Signal x, int bands) {
  const Signal gain = g.param("gain", 2.0), shift = g.param("shift", 1.0);
  for (int k = 0; k < bands; ++k) {
    const double centre = 150.0 * std::exp2(k);
    x = k % 3 == 2 ? onepole(x, 4.0 * centre * shift) : biquad(x, centre * shift, 1.5, gain, 8);
  }
  return x;
}

Signal resonator(Signal x, Signal radius, Signal angle) {
  Graph& g = *x.graph;
  const Signal y1 = ops::cell(g.constant(0)), y2 = ops::cell(g.constant(0));
  const Signal y = x + 2.0 * radius * cos(angle) * y1 - radius * radius * y2;
  g.close(y1, y);
  g.close(y2, y1);
  return y;
}

/// The same filters side by side, summed.
Signal filter_bank(Graph& g, Signal x, int bands) {
  const Signal gain = g.param("gain", 2.0), shift = g.param("shift", 1.0);
  Signal sum = 0.1 * x;
  for (int k = 0; k < bands; ++k) sum = sum + biquad(x, 150.0 * std::exp2(k) * shift, 1.5, gain, k % 2 == 0 ? 8 : 2);
  return sum;
}

/// One-poles and a resonant filter in a row: more than stand side by side.
Signal long_row(Graph& g, Signal x) {
  const Signal shift = g.param("shift", 1.0);
  x = biquad(x, 2000.0 * shift, 3.0, g.param("gain", 2.0), 0);
  for (int k = 0; k < 10; ++k) x = onepole(x, (3000.0 + 500.0 * k) * shift);
  return x;
}

double worst_of_peak(const std::vector<double>& got, const std::vector<double>& expected) {
  double worst = 0, peak = 0;
  for (std::size_t n = 0; n < expected.size(); ++n) {
    worst = std::fmax(worst, std::fabs(expected[n] - got[n]));
    peak = std::fmax(peak, std::fabs(expected[n]));
  }
  return worst / peak;
}

/// What happens between frames: a parameter takes another value.
struct Change {
  std::int64_t frame = 0;
  std::string name;
  double value = 0;
};

/// In blocks of `block`, which end where a parameter changes.
std::vector<float> play_with(Instance& instance, const std::vector<double>& x, std::int64_t block,
                             const std::vector<Change>& changes) {
  const std::vector<float> in(x.begin(), x.end());
  std::vector<float> out(in.size());
  const auto frames = static_cast<std::int64_t>(in.size());
  std::size_t next = 0;
  for (std::int64_t at = 0; at < frames;) {
    for (; next < changes.size() && changes[next].frame == at; ++next) instance.set(changes[next].name, changes[next].value);
    std::int64_t end = std::min(frames, at + block);
    if (next < changes.size()) end = std::min(end, changes[next].frame);
    const float* from[] = {in.data() + at};
    float* to[] = {out.data() + at};
    instance.process(from, to, end - at);
    at = end;
  }
  return out;
}

std::vector<double> expected_with(const Graph& g, const std::vector<double>& x, const std::vector<Change>& changes) {
  Interpreter reference(g, sample_rate);
  std::vector<double> out;
  std::int64_t at = 0;
  const auto play_to = [&](std::int64_t end) {
    Channels got;
    reference.process(Channels{std::vector<double>(x.begin() + at, x.begin() + end)}, got, end - at);
    out.insert(out.end(), got[0].begin(), got[0].end());
    at = end;
  };
  for (const Change& change : changes) {
    if (change.frame > at) play_to(change.frame);
    reference.set(change.name, change.value);
  }
  play_to(static_cast<std::int64_t>(x.size()));
  return out;
}

/// The frame from which on both differ; -1: none.
std::int64_t first_difference(const std::vector<float>& a, const std::vector<float>& b) {
  const auto found = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return found.first == a.end() ? -1 : found.first - a.begin();
}

TEST(Cascade, FusesFiltersInARow) {
  Graph g;
  Signal y = g.input();
  for (int k = 0; k < 8; ++k) y = biquad(y, 200.0 * (k + 1) * g.param("scale" + std::to_string(k), 1), 2.0, 1.0, 0);
  g.output(y);
  EXPECT_TRUE(is_fused(g, 16)) << all_reasons(g);
  const Channels in{white_noise(20000)};
  EXPECT_LT(worst_of_peak(run(g, Engine::cpu, in, 20000, sample_rate)[0], run(g, Engine::float64, in, 20000, sample_rate)[0]),
            1e-5);
}

TEST(Cascade, RunsRowsSkewedAndBanksInBlocks) {
  Graph row, bank, pair;
  row.output(equaliser(row, row.input(), 3));
  bank.output(filter_bank(bank, bank.input(), 3));
  pair.output(equaliser(pair, pair.input(), 2));
  EXPECT_NE(all_reasons(row).find("run skewed"), std::string::npos) << all_reasons(row);
  EXPECT_NE(all_reasons(bank).find("responses to each state"), std::string::npos) << all_reasons(bank);
  EXPECT_NE(all_reasons(pair).find("responses to each state"), std::string::npos) << all_reasons(pair);
}

TEST(Cascade, TakesSideChainsAndSplitsLongRows) {
  Graph g;  // the input goes past each peaking filter, and both outputs are of one system
  Signal y = equaliser(g, 0.5 * g.input(), 12);
  g.output(y);
  g.output(0.25 * y);
  EXPECT_TRUE(is_fused(g, 15) && is_fused(g, 5)) << all_reasons(g);
  const Channels in{white_noise(6000)};
  const auto got = run(g, Engine::cpu, in, 6000, sample_rate), expected = run(g, Engine::float64, in, 6000, sample_rate);
  for (std::size_t c = 0; c < 2; ++c) EXPECT_LT(worst_of_peak(got[c], expected[c]), 1e-5);
}

TEST(Cascade, LeavesFiltersApartThatBendBetween) {
  Graph g;
  Signal y = g.input();
  for (int k = 0; k < 4; ++k) y = tanh(biquad(y, 300.0 * (k + 1), 2.0, 1.0, 0));
  g.output(y);
  EXPECT_EQ(all_reasons(g).find("one linear system"), std::string::npos);
}

TEST(Cascade, SumsFiltersSideBySide) {
  Graph g;
  const Signal x = g.input();
  Signal sum{};
  for (int k = 0; k < 5; ++k) {
    const Signal band = g.param("level" + std::to_string(k), 0.5 + 0.1 * k) * biquad(x, 300.0 * (k + 1), 4.0, 1.0, 2);
    sum = sum ? sum + band : band;
  }
  g.output(sum);
  g.output(biquad(sum, 500.0, 1.0, 1.0, 0));
  EXPECT_TRUE(is_fused(g, 12)) << all_reasons(g);
  const Channels in{white_noise(4000)};
  const auto got = run(g, Engine::cpu, in, 4000, sample_rate), expected = run(g, Engine::float64, in, 4000, sample_rate);
  for (std::size_t c = 0; c < 2; ++c) EXPECT_LT(worst_of_peak(got[c], expected[c]), 1e-5);
}

void expect_resonators_near_the_unit_circle(int count) {
  constexpr std::int64_t frames = 40000;
  const Channels in{white_noise(frames)};
  Graph g;  // parameters are floats, so that what is near 1 is given as its distance
  const Signal r = 1.0 - g.param("short-of-one", 0.01), angle = g.param("angle", 0.1);
  Signal y = g.input();
  for (int k = 0; k < count; ++k) y = resonator(y, r, (1 + 0.125 * k) * angle);
  g.output(y);
  ASSERT_TRUE(is_fused(g, 2 * count)) << all_reasons(g);
  const Program program = compile(g);
  for (const double short_of_one : {1e-2, 1e-3, 1e-4, 1e-5}) {
    for (const double turn : {0.1, 0.01, 0.001, 0.0005}) {
      Instance instance(program, sample_rate);
      const auto gap = static_cast<double>(static_cast<float>(short_of_one)),
                 step = static_cast<double>(static_cast<float>(turn));
      const std::vector<Change> changes{{0, "short-of-one", gap}, {0, "angle", step}};
      const std::vector<float> got = play_with(instance, in[0], frames, changes);
      EXPECT_LT(worst_of_peak({got.begin(), got.end()}, expected_with(g, in[0], changes)), 1e-4)
          << count << " of radius " << 1 - gap << ", angle " << step;
    }
  }
}

TEST(Cascade, HoldsResonatorsNearTheUnitCircle) { expect_resonators_near_the_unit_circle(2); }

TEST(Cascade, HoldsResonatorsNearTheUnitCircleThatRunSkewed) { expect_resonators_near_the_unit_circle(4); }

void expect_same_bits(const Graph& g) {
  const std::vector<double> x = white_noise(1400);
  const std::vector<Change> changes{{203, "shift", 1.25}, {700, "gain", 0.5}, {704, "gain", 0.75}, {711, "shift", 0.5}};
  const std::vector<double> expected = expected_with(g, x, changes);
  for (const int width : vector_widths) {
    const Program program = compile(g, {.vector_width = width});
    Instance whole(program, sample_rate);
    const std::vector<float> in_one = play_with(whole, x, 1400, changes);
    for (const std::int64_t block : {1, 5, 37, 64, 256}) {
      Instance instance(program, sample_rate);
      EXPECT_EQ(first_difference(play_with(instance, x, block, changes), in_one), -1)
          << "width " << width << ", blocks of " << block;
    }
    EXPECT_LT(worst_of_peak({in_one.begin(), in_one.end()}, expected), 1e-5) << "width " << width;
  }
}

TEST(Cascade, GivesTheSameBitsInBlocksOfAnySize) {
  Graph row, bank, many;
  row.output(equaliser(row, row.input(), 3));
  bank.output(filter_bank(bank, bank.input(), 3));
  many.output(long_row(many, many.input()));
  ASSERT_TRUE(is_fused(row, 5) && is_fused(bank, 6) && is_fused(many, 12))
      << all_reasons(row) << all_reasons(bank) << all_reasons(many);
  for (const Graph* g : {&row, &bank, &many}) expect_same_bits(*g);
}

void expect_to_go_on(const Graph& g) {
  const std::vector<double> x = white_noise(900);
  const std::vector<Change> change{{100, "shift", 1.25}};
  const std::map<int, Program> programs{{4, compile(g, {.vector_width = 4})}, {16, compile(g, {.vector_width = 16})}};
  for (const auto& [from, saves] : programs) {
    for (const auto& [to, restores] : programs) {
      for (const std::int64_t until : {9, 21, 203, 365, 512}) {
        const std::vector<double> head(x.begin(), x.begin() + until), tail(x.begin() + until, x.end());
        Instance saved(saves, sample_rate), restored(restores, sample_rate), whole(restores, sample_rate);
        play_with(saved, head, 64, change), play_with(whole, head, 64, change);
        const std::vector<Change> later{{std::max<std::int64_t>(0, 100 - until), "shift", 1.25}};
        restored.set("shift", until > 100 ? 1.25 : 1.0);
        restored.restore(saved.save());
        const std::vector<float> expected = play_with(whole, tail, 64, later), got = play_with(restored, tail, 64, later);
        const std::string what = std::to_string(from) + " to " + std::to_string(to) + " at " + std::to_string(until);
        if (from == to) {
          EXPECT_EQ(first_difference(got, expected), -1) << what;
        }
        for (std::size_t n = 0; n < got.size(); ++n) ASSERT_NEAR(got[n], expected[n], 1e-5f) << what << ", frame " << n;
      }
    }
  }
}

TEST(Cascade, GoesOnFromAStateSavedAtAnyVectorWidth) {
  Graph row, bank;
  row.output(equaliser(row, row.input(), 3));
  bank.output(filter_bank(bank, bank.input(), 2));
  expect_to_go_on(row);
  expect_to_go_on(bank);
}

void expect_frames_before_as_they_are(const Graph& g) {
  std::vector<double> x = white_noise(64);
  x[41] = std::numeric_limits<double>::infinity();
  Instance by_frame(compile(g), sample_rate), whole(compile(g), sample_rate);
  const std::vector<float> expected = play_with(by_frame, x, 1, {}), got = play_with(whole, x, 64, {});
  for (std::size_t n = 0; n < 41; ++n) ASSERT_EQ(got[n], expected[n]) << n;
  EXPECT_FALSE(std::isfinite(got[41]));
}

TEST(Cascade, KeepsWhatIsNotFiniteFromTheFramesBefore) {
  Graph row, bank;
  row.output(equaliser(row, row.input(), 3));
  bank.output(filter_bank(bank, bank.input(), 2));
  expect_frames_before_as_they_are(row);
  expect_frames_before_as_they_are(bank);
}

TEST(Cascade, IsSilentInSilence) {
  Graph g;  // powers leave the range of a float within a vector
  Signal y = g.input();
  for (int k = 0; k < 2; ++k) y = resonator(y, g.constant(900.0), g.constant(0.1));
  g.output(y);
  const auto out = run(g, Engine::cpu, {std::vector<double>(200)}, 200, sample_rate);
  EXPECT_EQ(out[0], std::vector<double>(200, 0.0));
}

}  // namespace

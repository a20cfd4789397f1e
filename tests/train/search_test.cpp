// Searches: where gradient descent gets stuck, what they find, and that they find the same again.

#include "dgen/search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/oscillators.h"
#include "dgen/train.h"
#include "support/expect_error.h"
#include "train/elite.h"

namespace {

using namespace dgen;

constexpr double rate = 8000;
constexpr int frames = 2048;

Signal spectra_of(Signal y, Graph& g, std::int64_t window) {
  return spectral_loss(y, g.input(),
                       {.window = window, .hop = window / 2, .window_function = WindowFunction::hann, .padding = Padding::none});
}

struct Sine {
  Graph g;
  Signal loss;
  std::vector<float> target;
  Sine() {
    loss = spectra_of(sin(two_pi * phasor(g.param("pitch", 2000, {.min = 50, .max = 3500, .mapping = Mapping::log}))), g, 512);
    for (int n = 0; n < frames; ++n) target.push_back(static_cast<float>(std::sin(2 * std::numbers::pi * 440 * n / rate)));
  }

  /// Where 200 steps of Adam end.
  double descended(double from) {
    Trainer trainer(g, loss, Adam{.learning_rate = 0.02},
                    {.sample_rate = rate, .channels = {target}, .schedule = {.shape = CosineRate{200}}});
    trainer.parameters().set("pitch", from);
    for (int step = 0; step < 200; ++step) trainer.step();
    return trainer.parameters().value("pitch");
  }
};

TEST(Search, FindsAFrequencyThatDescentFromAfarDoesNot) {
  Sine sine;
  EXPECT_GT(std::fabs(sine.descended(2000) - 440), 100);
  CandidateLosses losses(sine.loss, {.sample_rate = rate, .channels = {sine.target}});
  for (const SearchMethod method : {SearchMethod::random, SearchMethod::latin_hypercube, SearchMethod::cma_es}) {
    const SearchResult found =
        search(losses, Parameters(sine.g), {.method = method, .starts = 64, .generations = 30, .seed = 1, .keep = 2});
    ASSERT_EQ(found.best.size(), 2u);
    EXPECT_LT(found.best[0].loss, found.start_loss);
    EXPECT_NEAR(found.best[0].values[0], 440, 30);
    if (method == SearchMethod::latin_hypercube) {
      EXPECT_NEAR(sine.descended(found.best[0].values[0]), 440, 0.1);
    }
    EXPECT_EQ(found.evaluations, method == SearchMethod::cma_es ? 65 + 16 * found.generations : 65);
  }
}

TEST(Search, MatchesAnFmVoiceOfThreeParametersToTheBitOnAnyNumberOfThreads) {
  const auto voice = [](Graph& g, const std::vector<double>& values) {
    const auto param = [&](const char* name, std::size_t k, double min, double max) {
      return values.empty() ? g.param(name, min, {.min = min, .max = max, .mapping = Mapping::log}) : g.constant(values[k]);
    };
    const Signal pitch = param("pitch", 0, 100, 800), ratio = param("ratio", 1, 0.5, 4), bend = param("bend", 2, 0.5, 6);
    return sin(two_pi * phasor(pitch) + bend * sin(two_pi * phasor(pitch * ratio)));
  };
  std::vector<float> target(frames);
  {
    Graph g;
    SegmentInterpreter sound(g, std::array{voice(g, {311, 1.5, 2.5})}, rate);
    const auto made = sound.evaluate({}, frames);
    std::ranges::transform(made[0], target.begin(), [](double x) { return static_cast<float>(x); });
  }
  Graph g;
  const Signal loss = spectra_of(voice(g, {}), g, 256);
  std::vector<SearchResult> found;
  for (const int threads : {1, 2, 3}) {
    CandidateLosses losses(loss, {.sample_rate = rate, .channels = {target}, .threads = threads});
    found.push_back(
        search(losses, Parameters(g), {.method = SearchMethod::cma_es, .starts = 1024, .generations = 150, .seed = 4}));
  }
  for (const SearchResult& one : found) {
    ASSERT_EQ(one.best.size(), found[0].best.size());
    for (std::size_t k = 0; k < one.best.size(); ++k) {
      EXPECT_EQ(one.best[k].loss, found[0].best[k].loss);
      EXPECT_EQ(one.best[k].values, found[0].best[k].values);
    }
  }
  const std::vector<double>& best = found[0].best[0].values;
  EXPECT_NEAR(best[0], 311, 3);
  EXPECT_NEAR(best[1], 1.5, 0.03);
  EXPECT_NEAR(best[2], 2.5, 0.2);
}

/// Two holes, the deeper one small; nothing left of 0.05.
void holes(std::span<const double> values, std::span<double> losses) {
  for (std::size_t k = 0; k < losses.size(); ++k) {
    const double x = values[2 * k], y = values[2 * k + 1];
    const auto hole = [&](double a, double b, double width) {
      return std::exp(-((x - a) * (x - a) + (y - b) * (y - b)) / (width * width));
    };
    losses[k] = x < 0.05 ? std::nan("") : 1 - 0.6 * hole(0.7, 0.7, 0.3) - hole(0.2, 0.3, 0.06);
  }
}

Parameters square() {
  return Parameters({{.name = "x", .initial = 0.7, .min = 0, .max = 1}, {.name = "y", .initial = 0.7, .min = 0, .max = 1}});
}

TEST(Search, BeginsRunsAnewAtTheNextBestStart) {
  // The first run, from the wide hole alone, ends there; the next one finds the other.
  const SearchResult found =
      search(holes, square(), {.method = SearchMethod::cma_es, .starts = 40, .generations = 400, .seed = 2});
  EXPECT_GE(found.runs, 2);
  EXPECT_NEAR(found.best[0].values[0], 0.2, 0.01);
  EXPECT_NEAR(found.best[0].values[1], 0.3, 0.01);
  ASSERT_GE(found.best.size(), 2u);
  EXPECT_NEAR(found.start_loss, 0.4, 0.01);
  EXPECT_GT(found.not_finite, 0);
}

TEST(Search, TellsHowFarItIsAndStopsWhenAsked) {
  std::vector<SearchProgress> seen;
  const auto watch = [&](const SearchProgress& progress) {
    seen.push_back(progress);
    return seen.size() < 3;
  };
  const SearchResult found = search(holes, square(), {.starts = 4096}, watch);
  EXPECT_TRUE(found.stopped);
  EXPECT_EQ(found.ended, "it was stopped");
  EXPECT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[1].starts, 512);
  EXPECT_EQ(found.evaluations, 1 + 768);
  EXPECT_LE(seen[2].best_loss, seen[0].best_loss);
}

TEST(Search, FillsItsRoundsWithAsManyStartsAsRunAtOnce) {
  std::vector<std::size_t> rounds;
  const auto counted = [&](std::span<const double> values, std::span<double> losses) {
    rounds.push_back(losses.size());
    holes(values, losses);
  };
  search(counted, square(), {.starts = 2500, .round = 1024});
  EXPECT_EQ(rounds, (std::vector<std::size_t>{1, 1024, 1024, 452}));

  Sine sine;
  std::vector<std::int64_t> seen;
  CandidateLosses losses(sine.loss, {.sample_rate = rate, .channels = {sine.target}, .lanes = 300});
  search(losses, Parameters(sine.g), {.starts = 600}, [&](const SearchProgress& at) {
    seen.push_back(at.starts);
    return true;
  });
  EXPECT_EQ(seen, (std::vector<std::int64_t>{300, 600}));
}

TEST(Search, RefusesWhatCannotBeSearched) {
  expect_error(ErrorCode::bad_value, "0 starts", [] { search(holes, square(), {.starts = 0}); });
  expect_error(ErrorCode::bad_value, "0 generations", [] { search(holes, square(), {.generations = 0}); });
  expect_error(ErrorCode::bad_value, "rounds of -1 starts", [] { search(holes, square(), {.round = -1}); });
  expect_error(ErrorCode::bad_value, "keep at least 1", [] { search(holes, square(), {.keep = 0}); });
  expect_error(ErrorCode::bad_value, "apart", [] { search(holes, square(), {.apart = 2}); });
  const auto nothing = [](std::span<const double>, std::span<double> losses) { std::ranges::fill(losses, std::nan("")); };
  expect_error(ErrorCode::not_finite, "none of 17 candidates", [&] { search(nothing, square(), {.starts = 16}); });
  expect_error(ErrorCode::bad_value, "'gain': it has no range",
               [&] { search(nothing, Parameters({{.name = "gain", .initial = 1}}), {}); });
}

TEST(SearchSpace, HasPointsInTheMappingsOfTheParameters) {
  Parameters p({{.name = "a", .initial = 0, .min = -2, .max = 6},
                {.name = "free", .initial = 3},
                {.name = "pitch", .initial = 100, .min = 100, .max = 1600, .mapping = Mapping::log},
                {.name = "level", .initial = 1, .min = 0.1, .max = 10, .mapping = Mapping::decibel},
                {.name = "zero", .initial = 1, .min = 0, .max = 10, .mapping = Mapping::log},
                {.name = "still", .initial = 0.5, .min = 0, .max = 1}});
  p.freeze("still");
  const SearchSpace space(p);
  ASSERT_EQ(space.dimensions(), 3);
  ASSERT_EQ(space.left_out().size(), 2u);
  EXPECT_EQ(space.left_out()[0].name, "free");
  EXPECT_NE(space.left_out()[1].why.find("its range reaches 0"), std::string::npos);
  std::vector<double> values(p.values().begin(), p.values().end());
  space.place(std::vector<double>{0.5, 0.25, 0.75}, values);
  EXPECT_DOUBLE_EQ(values[0], 2);
  EXPECT_EQ(values[1], 3);
  EXPECT_NEAR(values[2], 200, 1e-9);
  EXPECT_NEAR(values[3], std::sqrt(10.0), 1e-12);
  EXPECT_EQ(values[5], 0.5);
  const std::vector<double> point = space.point(values);
  EXPECT_NEAR(point[0], 0.5, 1e-15);
  EXPECT_NEAR(point[1], 0.25, 1e-14);
  EXPECT_NEAR(point[2], 0.75, 1e-14);
}

TEST(Elite, KeepsTheBestOfNeighbours) {
  train::Elite elite(2, 0.1);
  elite.add(3, std::vector<double>{0.5, 0.5});
  elite.add(4, std::vector<double>{0.55, 0.45});  // near a better one
  elite.add(5, std::vector<double>{0.5, 0.7});
  elite.add(std::nan(""), std::vector<double>{0, 0});
  ASSERT_EQ(elite.members().size(), 2u);
  elite.add(2, std::vector<double>{0.52, 0.52});  // replaces the first
  ASSERT_EQ(elite.members().size(), 2u);
  EXPECT_EQ(elite.members()[0].loss, 2);
  EXPECT_EQ(elite.members()[1].loss, 5);
  elite.add(1, std::vector<double>{0, 0});
  EXPECT_EQ(elite.members()[0].loss, 1);
  EXPECT_EQ(elite.members()[1].loss, 2);
}

}  // namespace

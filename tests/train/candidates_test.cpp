// Many candidates of one patch: every lane is what the patch is alone.

#include "dgen/candidates.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "dgen/delays.h"
#include "dgen/filters.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/oscillators.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "support/expect_error.h"
#include "support/random_tensors.h"
#include "support/tensor_cases.h"
#include "support/weighted_loss.h"

namespace {

using namespace dgen;
using Channels = std::vector<std::vector<double>>;

constexpr int lanes = 3;

/// A value of element e of parameter p in a lane: near the initial one, in the range.
double value_of(const ParamInfo& param, std::int64_t element, int p, int lane) {
  const double initial = param.initial_of(element);
  return std::clamp(initial + 0.02 * std::sin(1.0 + p + 7 * lane + static_cast<double>(element)), param.min, param.max);
}

/// The interpreter's loss of the patch alone, with the values of a lane.
double alone(const Graph& g, Signal loss, const Channels& in, std::int64_t frames, int lane) {
  SegmentInterpreter interpreter(g, std::array{loss}, 48000);
  for (std::size_t p = 0; p < g.params().size(); ++p) {
    const ParamInfo& param = *g[g.params()[p]].attributes.param;
    std::vector<double> values;
    for (std::int64_t e = 0; e < param.elements(); ++e) values.push_back(value_of(param, e, static_cast<int>(p), lane));
    interpreter.set(param.name, values);
  }
  return interpreter.evaluate(in, frames)[0][0];
}

/// The same for all lanes at once.
std::vector<double> together(const Graph& g, Signal loss, const Channels& in, std::int64_t frames) {
  std::vector<Signal> wanted{loss};
  const std::unique_ptr<Graph> wide = with_lanes(wanted, lanes);
  SegmentInterpreter interpreter(*wide, wanted, 48000);
  for (std::size_t p = 0; p < g.params().size(); ++p) {
    const ParamInfo& param = *g[g.params()[p]].attributes.param;
    std::vector<double> values;
    for (int lane = 0; lane < lanes; ++lane) {
      for (std::int64_t e = 0; e < param.elements(); ++e) values.push_back(value_of(param, e, static_cast<int>(p), lane));
    }
    interpreter.set(param.name, values);
  }
  return interpreter.evaluate(in, frames)[0];
}

void expect_lanes(const Graph& g, Signal loss, const Channels& in, std::int64_t frames, const std::string& what) {
  const std::vector<double> all = together(g, loss, in, frames);
  ASSERT_EQ(all.size(), static_cast<std::size_t>(lanes)) << what;
  for (int lane = 0; lane < lanes; ++lane) {
    const double expected = alone(g, loss, in, frames, lane), got = all[static_cast<std::size_t>(lane)];
    if (std::isnan(expected) && std::isnan(got)) continue;
    EXPECT_NEAR(got, expected, 1e-9 * (1 + std::fabs(expected))) << what << ", lane " << lane;
  }
}

TEST(WithLanes, EveryTensorOpDoesLaneByLaneWhatItDoesAlone) {
  for (const dgen::testing::TensorCase& one : dgen::testing::tensor_cases()) {
    Graph g;
    const Signal y = one.make(dgen::testing::tick_inputs(g, one.shapes, 16));
    const Shape shape = g[y.id].type.shape;
    const Signal loss = ops::time_sum(sum_to(y * dgen::testing::weights(g, shape), Shape{}));
    expect_lanes(g, loss, dgen::testing::random_input(3, g.inputs(), 64), 64, std::string(one.name));
  }
}

TEST(WithLanes, MatricesOfParametersMultiplyInTheirLane) {
  for (const bool moves : {false, true}) {
    Graph g;
    const Signal matrix = g.param("matrix", extents({4, 3}), initial::Uniform{-1, 1, 1});
    const Signal x = window(g.input(), 6, 2), pairs = reshape(moves ? g.param("gain", 2) * x : x, extents({2, 3}));
    const Signal y = linear(pairs, matrix) + linear(linear(pairs, matrix), g.param("more", extents({4, 4}), initial::Normal{}));
    const Signal loss = ops::time_sum(sum_to(y * y, Shape{}));
    expect_lanes(g, loss, dgen::testing::random_input(3, 1, 64), 64, moves ? "all" : "the matrices");
  }
}

TEST(WithLanes, RandomGraphsRunLaneByLaneOrAreRefusedByName) {
  int ran = 0, refused = 0;
  const auto check = [&](Graph& g, std::uint64_t seed) {
    if (g.params().empty() || g.outputs().empty()) return;
    try {
      const Signal loss = dgen::testing::weighted_loss(g);
      expect_lanes(g, loss, dgen::testing::random_input(seed, g.inputs(), 48), 48, "seed " + std::to_string(seed));
      ++ran;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(" depends on a parameter and "), std::string::npos) << error.what();
      ++refused;
    }
  };
  for (std::uint64_t seed = 1; seed <= 120; ++seed) check(*dgen::testing::random_graph(seed).graph, seed);
  for (std::uint64_t seed = 1; seed <= 40; ++seed) check(*dgen::testing::random_tensors(seed, false).graph, seed);
  EXPECT_GT(ran, 4 * refused);
}

/// A voice whose oscillator bends itself, frame by frame.
Signal bent_voice(Graph& g) {
  const Signal phase = phasor(g.param("pitch", 220, {.min = 50, .max = 1000, .mapping = Mapping::log}));
  const Signal before = history_cell(g);
  const Signal y = sin(two_pi * phase + g.param("bend", 0.5, {.min = 0, .max = 1}) * before);
  g.close(before, y);
  return biquad_lowpass(y, g.param("cutoff", 2000, {.min = 100, .max = 8000, .mapping = Mapping::log}), 0.8);
}

std::vector<float> target() {
  std::vector<float> frames;
  for (int n = 0; n < 300; ++n) frames.push_back(0.5f * std::sin(0.04f * static_cast<float>(n)));
  return frames;
}

/// Losses of seven candidates.
std::vector<double> losses_of(CandidateLosses& candidates) {
  std::vector<double> values, losses(7);
  for (int k = 0; k < 7; ++k) values.insert(values.end(), {100.0 + 120 * k, 0.1 * k, 400.0 + 900 * k});
  candidates.run(values, losses);
  return losses;
}

TEST(Candidates, HaveTheLossThatTheyHaveAloneInAnyNumberOfLanesAndThreads) {
  Graph g;
  const Signal loss = mse(bent_voice(g), g.input());
  const std::vector<float> channel = target();
  const CandidateOptions options{.sample_rate = 8000, .channels = {channel}};
  CandidateLosses chosen(loss, options);
  EXPECT_EQ(chosen.lanes(), 16) << chosen.why_lanes();
  const std::vector<double> once = losses_of(chosen), again = losses_of(chosen);
  EXPECT_EQ(once, again);
  for (const int threads : {2, 3}) {
    CandidateOptions shared = options;
    shared.threads = threads;
    CandidateLosses other(loss, shared);
    EXPECT_EQ(losses_of(other), once);
  }
  for (const int some : {1, 4}) {
    CandidateOptions given = options;
    given.lanes = some;
    CandidateLosses other(loss, given);
    const std::vector<double> losses = losses_of(other);
    for (std::size_t k = 0; k < 7; ++k) EXPECT_NEAR(losses[k], once[k], 1e-4 * once[k]) << some << " lanes";
  }
  CandidateOptions interpreted = options;
  interpreted.compile.backend = Backend::interpreter;
  CandidateLosses exact(loss, interpreted);
  const std::vector<double> expected = losses_of(exact);
  for (std::size_t k = 0; k < 7; ++k) EXPECT_NEAR(once[k], expected[k], 1e-3 * expected[k]);
}

TEST(Candidates, RunOneByOneWhereFramesFillVectorsOrLanesAreNotPossible) {
  const std::vector<float> channel = target();
  Graph g;
  const Signal tone = sin(two_pi * phasor(g.param("pitch", 220)));
  CandidateLosses plain(mse(tone, g.input()), {.sample_rate = 8000, .channels = {channel}});
  EXPECT_EQ(plain.lanes(), 1);
  EXPECT_EQ(plain.why_lanes(), "all of a candidate runs with frames in the lanes of vectors");

  Graph h;
  const Signal before = history_cell(h);
  const Signal y = tanh(h.input() + h.param("drive", 0.5) * before);
  h.close(before, y);
  const Signal late = delay(delay(y, 3.0, 10.0), h.param("frames", 3, {.min = 0, .max = 10}), 10.0);
  const Signal loss = mse(late, h.input());
  CandidateLosses single(loss, {.sample_rate = 8000, .channels = {channel}});
  EXPECT_EQ(single.lanes(), 1);
  EXPECT_NE(single.why_lanes().find("is a delay whose time differs from lane to lane"), std::string::npos) << single.why_lanes();
  expect_error(ErrorCode::bad_type, "is a delay whose time differs",
               [&] { CandidateLosses(loss, {.sample_rate = 8000, .channels = {channel}, .lanes = 4}); });
}

TEST(Candidates, RefuseWhatDoesNotFit) {
  const std::vector<float> channel = target();
  Graph g;
  const Signal y = g.input() * g.param("gain", 1), loss = mse(y, g.input());
  const auto refused = [&](const std::string& part, Signal of, CandidateOptions options) {
    options.channels = {channel};
    expect_error(ErrorCode::bad_value, part, [&] { CandidateLosses(of, options); });
  };
  refused("the loss is frame; it must be one number", y, {});
  refused("empty signal", {}, {});
  refused("301 frames of channels of 300", loss, {.frames = 301});
  refused("-1 lanes", loss, {.lanes = -1});
  refused("2000 threads", loss, {.threads = 2000});
  CandidateLosses one(loss, {.channels = {channel}});
  std::vector<double> values(3), losses(2);
  expect_error(ErrorCode::bad_value, "3 values for 2 candidates of 1 elements", [&] { one.run(values, losses); });
  std::vector<Signal> none;
  expect_error(ErrorCode::bad_value, "nothing is wanted", [&] { with_lanes(none, 4); });
  std::vector<Signal> wanted{loss};
  expect_error(ErrorCode::bad_value, "0 lanes", [&] { with_lanes(wanted, 0); });
}

}  // namespace

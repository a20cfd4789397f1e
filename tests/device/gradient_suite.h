#pragma once
// Losses and gradients that every back end of a device must compute: of tensor ops, composites, losses of spectra and random
// graphs, in one program each, against the reference in double.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "device/tensor_suite.h"
#include "dgen/gradient.h"
#include "dgen/losses.h"
#include "dgen/segment.h"
#include "dgen/stft_losses.h"
#include "support/composite_gradient.h"
#include "support/segment_parity.h"
#include "support/weighted_loss.h"

namespace device_suite {

using CompileSegments = std::function<std::vector<SegmentProgram>(std::span<const std::vector<Signal>>)>;

/// A graph, and a loss with its gradients.
struct Problem {
  std::string name;
  std::unique_ptr<Graph> graph;
  std::vector<Signal> wanted;
  double tolerance = 1e-4;  ///< of the largest entry, which counts as `least` at least
  double least = 1;
  bool positive = false;  ///< inputs are levels and frequencies
};

/// A problem of `loss` by all inputs and parameters.
inline Problem problem_of(std::string name, std::unique_ptr<Graph> graph, Signal loss, double tolerance) {
  std::vector<Signal> by, wanted{loss};
  for (int c = 0; c < graph->inputs(); ++c) by.push_back(graph->input(c));
  for (const int id : graph->params()) by.push_back({graph.get(), id});
  for (const Signal d : gradient(loss, by).of) {
    if (d) wanted.push_back(d);
  }
  return {std::move(name), std::move(graph), std::move(wanted), tolerance};
}

/// Problems side by side in one graph, and what they want, problem after problem.
inline std::pair<std::unique_ptr<Graph>, std::vector<Signal>> merged(std::span<const Problem> problems) {
  auto all = std::make_unique<Graph>();
  std::vector<Signal> wanted;
  for (std::size_t k = 0; k < problems.size(); ++k) {
    const std::vector<int> made = dgen::testing::merge(*all, *problems[k].graph, "p" + std::to_string(k) + "_");
    for (const Signal s : problems[k].wanted) wanted.push_back({all.get(), made[static_cast<std::size_t>(s.id)]});
  }
  return {std::move(all), std::move(wanted)};
}

inline Channels problem_inputs(int channels, std::int64_t frames, bool positive) {
  Channels in;
  for (int c = 0; c < channels; ++c) {
    in.push_back(dgen_test::white_noise(frames, static_cast<std::uint32_t>(c + 7)));
    for (double& x : in.back()) x = static_cast<double>(static_cast<float>(positive ? std::fabs(x) + 0.01 : x));
  }
  return in;
}

/// What each problem wants, of what all of them gave; of values with shapes the first element of the reference.
inline void expect_near(std::span<const Problem> problems, const Channels& expected, const Channels& actual) {
  std::size_t begin = 0;
  for (const Problem& problem : problems) {
    SCOPED_TRACE(problem.name);
    Channels exact, found;
    for (std::size_t w = begin; w < begin + problem.wanted.size(); ++w) {
      exact.push_back(expected[w]);
      exact.back().resize(actual[w].size());
      found.push_back(actual[w]);
    }
    EXPECT_LE(dgen::testing::difference(exact, found, problem.least), problem.tolerance);
    begin += problem.wanted.size();
  }
}

/// Merges problems, for kernels cost a driver's compiler more than what is in them; runs a segment, carries on, and compares
/// both.
inline void check_problems(const CompileSegments& compile, std::vector<Problem> problems, std::int64_t frames) {
  ASSERT_FALSE(problems.empty());
  constexpr std::size_t together = 60;
  for (std::size_t k = 0; k < problems.size(); k += together) {
    const auto part = std::span<const Problem>(problems).subspan(k, std::min(together, problems.size() - k));
    const auto [graph, wanted] = merged(part);
    const std::vector<SegmentProgram> programs = compile(std::span(&wanted, 1));
    const Channels in = problem_inputs(graph->inputs(), frames, part.front().positive);
    SegmentInterpreter reference(*graph, wanted, rate);
    Segment segment(programs[0], rate, frames);
    for (const From from : {From::reset, From::carried}) {
      SCOPED_TRACE(from == From::reset ? "from reset" : "carried on");
      const auto expected = reference.evaluate(in, frames, from);
      const auto actual = dgen::testing::results(programs[0], segment, in, frames, from);
      ASSERT_EQ(segment.failure(), "");
      expect_near(part, expected, actual);
    }
  }
}

/// Whether compiling the problem alone says that the back end takes it.
using TakesSegment = std::function<bool(const std::vector<Signal>&)>;

inline void keep_if_taken(std::vector<Problem>& problems, Problem problem, const TakesSegment& takes) {
  if (takes(problem.wanted)) problems.push_back(std::move(problem));
}

inline void check_tensor_gradients(const CompileSegments& compile, const TakesSegment& takes, const Chosen& chosen) {
  std::vector<Problem> problems;
  std::size_t k = 0;
  for (const dgen::testing::TensorCase& one : dgen::testing::tensor_cases()) {
    ++k;
    if (!chosen(one.name) || !one.differentiable) continue;
    auto g = std::make_unique<Graph>();
    const Signal y = one.make(dgen::testing::tick_inputs(*g, one.shapes, k % 2 == 0 ? 5 : 70));
    const Signal loss = ops::time_sum(weighted_sum(y + 0.5 * y * y));
    keep_if_taken(problems, problem_of(std::string(one.name), std::move(g), loss, 3e-4), takes);
  }
  for (auto& one : dgen::testing::frame_tensors()) {
    if (!chosen(one.name) || !one.has_gradient) continue;
    const Signal loss = dgen::testing::weighted_loss(*one.graph);
    keep_if_taken(problems, problem_of(one.name, std::move(one.graph), loss, 3e-4), takes);
  }
  check_problems(compile, std::move(problems), 300);
}

inline void check_losses(const CompileSegments& compile, const TakesSegment& takes, const Chosen& chosen) {
  std::vector<Problem> problems;
  const auto add = [&](const char* name, auto make) {
    if (!chosen(name)) return;
    auto g = std::make_unique<Graph>();
    const Signal x = g->input(0) * g->param("gain", 0.7) + 0.1, target = g->input(1);
    const Signal loss = make(x, target);
    keep_if_taken(problems, problem_of(name, std::move(g), loss, 3e-4), takes);
  };
  add("mse", [](Signal x, Signal t) { return mse(x, t); });
  add("spectral", [](Signal x, Signal t) { return spectral_loss(x, t, {.window = 64, .hop = 16}); });
  add("centered", [](Signal x, Signal t) {
    return spectral_loss(x, t, {.window = 32, .hop = 8, .window_function = WindowFunction::hann, .padding = Padding::center});
  });
  add("stft", [](Signal x, Signal t) { return stft_loss(x, t, {.resolution = {64, 16, 48}}); });
  add("stft_every_frame", [](Signal x, Signal t) {
    return stft_loss(x, t, {.resolution = {16, 1, 16}, .padding = Padding::left});
  });
  add("mel", [](Signal x, Signal t) {
    return mel_loss(x, t, {.resolution = {64, 16, 64}, .mel = {.sample_rate = 16000, .bands = 10}});
  });
  check_problems(compile, std::move(problems), 340);
}

inline void check_composite_gradients(const CompileSegments& compile, const TakesSegment& takes, const Chosen& chosen) {
  std::vector<Problem> problems;
  for (const OpDef* op : all_ops()) {
    if (op->kind != Kind::composite || !chosen(op->name)) continue;
    dgen::testing::Composite one = dgen::testing::composite_patch(*op);
    keep_if_taken(problems, {std::string(op->name), std::move(one.graph), std::move(one.wanted), 1e-3, 1e-3, true}, takes);
  }
  check_problems(compile, std::move(problems), 200);
}

inline void check_random_gradients(const CompileSegments& compile, const TakesSegment& takes, int count, std::uint64_t seed) {
  std::vector<Problem> problems;
  constexpr std::int64_t frames = 300;
  for (int drawn = 0; drawn < count; ++seed) {
    auto random = dgen::testing::random_graph(seed);
    const Channels in = dgen::testing::random_input(seed, 4, frames);
    if (!(dgen::testing::sensitivity(*random.graph, in, frames, rate) < 1e-4)) continue;
    if (!(dgen::testing::rounding_sensitivity(*random.graph, in, frames, rate) < 1e-4)) continue;
    const Signal loss = dgen::testing::weighted_loss(*random.graph);
    Problem one = problem_of("seed " + std::to_string(seed), std::move(random.graph), loss, 1e-3);
    if (!takes(one.wanted)) continue;
    problems.push_back(std::move(one));
    ++drawn;
  }
  check_problems(compile, std::move(problems), frames);
}

}  // namespace device_suite

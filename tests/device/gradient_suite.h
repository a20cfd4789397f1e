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

/// Compiles what the back end takes, as few programs; runs a segment, carries on, and compares both.
inline void check_problems(const CompileSegments& compile, std::vector<Problem> problems, std::size_t least,
                           std::int64_t frames) {
  std::vector<std::vector<Signal>> wanted;
  for (const Problem& problem : problems) wanted.push_back(problem.wanted);
  ASSERT_GE(problems.size(), least);
  const std::vector<SegmentProgram> programs = compile(wanted);
  for (std::size_t k = 0; k < problems.size(); ++k) {
    SCOPED_TRACE(problems[k].name);
    Graph& g = *problems[k].graph;
    Channels in;
    for (int c = 0; c < g.inputs(); ++c) {
      in.push_back(dgen_test::white_noise(frames, static_cast<std::uint32_t>(c + 7)));
      for (double& x : in.back()) x = static_cast<double>(static_cast<float>(problems[k].positive ? std::fabs(x) + 0.01 : x));
    }
    SegmentInterpreter reference(g, problems[k].wanted, rate);
    Segment segment(programs[k], rate, frames);
    for (const From from : {From::reset, From::carried}) {
      const auto expected = reference.evaluate(in, frames, from);
      const auto actual = dgen::testing::results(programs[k], segment, in, frames, from);
      ASSERT_EQ(segment.failure(), "");
      Channels first = expected;  // of values with shapes the first element
      for (std::size_t w = 0; w < first.size(); ++w) first[w].resize(actual[w].size());
      EXPECT_LE(dgen::testing::difference(first, actual, problems[k].least), problems[k].tolerance)
          << (from == From::reset ? "from reset" : "carried on");
    }
  }
}

/// Whether compiling the problem alone says that the back end takes it.
using TakesSegment = std::function<bool(const std::vector<Signal>&)>;

inline void keep_if_taken(std::vector<Problem>& problems, Problem problem, const TakesSegment& takes) {
  if (takes(problem.wanted)) problems.push_back(std::move(problem));
}

inline void check_tensor_gradients(const CompileSegments& compile, const TakesSegment& takes, std::size_t every,
                                   std::size_t first) {
  std::vector<Problem> problems;
  std::size_t k = 0;
  for (const dgen::testing::TensorCase& one : dgen::testing::tensor_cases()) {
    if (k++ % every != first || !one.differentiable) continue;
    auto g = std::make_unique<Graph>();
    const Signal y = one.make(dgen::testing::tick_inputs(*g, one.shapes, k % 2 == 0 ? 5 : 70));
    const Signal loss = ops::time_sum(weighted_sum(y + 0.5 * y * y));
    keep_if_taken(problems, problem_of(std::string(one.name), std::move(g), loss, 3e-4), takes);
  }
  k = 0;
  for (auto& one : dgen::testing::frame_tensors()) {
    if (k++ % every != first || !one.has_gradient) continue;
    const Signal loss = dgen::testing::weighted_loss(*one.graph);
    keep_if_taken(problems, problem_of(one.name, std::move(one.graph), loss, 3e-4), takes);
  }
  check_problems(compile, std::move(problems), 30 / every, 300);
}

inline void check_losses(const CompileSegments& compile, const TakesSegment& takes, std::size_t every = 1) {
  std::vector<Problem> problems;
  std::size_t k = 0;
  const auto add = [&](const char* name, auto make) {
    if (k++ % every != 0) return;
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
  check_problems(compile, std::move(problems), 5 / every, 340);
}

inline void check_composite_gradients(const CompileSegments& compile, const TakesSegment& takes, std::size_t every,
                                      std::size_t first) {
  std::vector<Problem> problems;
  std::size_t k = 0;
  for (const OpDef* op : all_ops()) {
    if (op->kind != Kind::composite || k++ % every != first) continue;
    dgen::testing::Composite one = dgen::testing::composite_patch(*op);
    keep_if_taken(problems, {std::string(op->name), std::move(one.graph), std::move(one.wanted), 1e-3, 1e-3, true}, takes);
  }
  check_problems(compile, std::move(problems), 40 / every, 200);
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
  check_problems(compile, std::move(problems), 1, frames);
}

}  // namespace device_suite

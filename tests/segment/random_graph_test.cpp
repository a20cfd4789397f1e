// Gradients of random graphs with feedback as generated C, against the reference in double, which differences check. Many
// graphs in one run of the C compiler. DGEN_RANDOM_GRAPHS=5000 asks for more graphs, DGEN_RANDOM_SEED=n for others.

#include "support/random_graph.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "dgen/gradient.h"
#include "support/segment_parity.h"
#include "support/weighted_loss.h"

namespace {

using namespace dgen;
using dgen::testing::RandomGraph;
using Channels = std::vector<std::vector<double>>;

constexpr std::int64_t frames = 300;  // more than a sub-block of 256, and no whole vectors
constexpr std::size_t graphs_a_batch = 60;
constexpr double loop_tolerance = 1e-3, other_tolerance = 1e-4;  // of the largest entry, in float32

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// A random graph, its loss, and the loss's gradients by all parameters and inputs.
struct Problem {
  RandomGraph random;
  std::vector<Signal> wanted;
  Channels in, expected;
  bool loops = false;
};

bool is_recursive(const Graph& g) {
  return std::any_of(g.nodes().begin(), g.nodes().end(), [](const Node& node) { return node.feedback >= 0; });
}

std::vector<Signal> sources(Graph& g) {
  std::vector<Signal> found;
  for (const int id : g.params()) found.push_back({&g, id});
  for (int c = 0; c < g.inputs(); ++c) found.push_back(g.input(c));
  return found;
}

Problem problem_of(std::uint64_t seed) {
  Problem made{.random = dgen::testing::random_graph(seed)};
  Graph& g = *made.random.graph;
  made.loops = is_recursive(g);
  made.in = dgen::testing::random_input(seed, g.inputs(), frames);
  const Signal loss = dgen::testing::weighted_loss(g);
  made.wanted = {loss};
  for (const Signal d : gradient(loss, sources(g)).of) {
    if (d) made.wanted.push_back(d);
  }
  made.expected = SegmentInterpreter(g, made.wanted, 48000).evaluate(made.in, frames);
  return made;
}

/// A gradient that moves by more than the tolerance when the input moves by a few roundings tests no float32 back end.
bool is_sensitive(const Problem& problem, double tolerance) {
  Channels moved = problem.in;
  double sign = 1;
  for (std::vector<double>& channel : moved) {
    for (double& x : channel) x += (sign = -sign) * 3e-7;
  }
  SegmentInterpreter reference(*problem.random.graph, problem.wanted, 48000);
  for (const int id : problem.random.graph->params()) {
    const ParamInfo& info = *(*problem.random.graph)[id].attributes.param;
    reference.set(info.name, static_cast<double>(static_cast<float>(info.initial)) + 3e-8);
  }
  return !(dgen::testing::difference(problem.expected, reference.evaluate(moved, frames)) < tolerance / 4);
}

TEST(CompiledGradients, OfRandomGraphsAgreeWithTheReference) {
  const std::uint64_t wanted = from_environment("DGEN_RANDOM_GRAPHS", 300), first = from_environment("DGEN_RANDOM_SEED", 0);
  std::uint64_t seed = first;
  int redrawn = 0, done = 0;
  double worst_loop = 0, worst_other = 0;
  while (static_cast<std::uint64_t>(done) < wanted && !HasFailure()) {
    std::vector<Problem> batch;
    std::vector<std::vector<Signal>> signals;
    while (batch.size() < graphs_a_batch) {
      Problem problem = problem_of(seed++);
      if (is_sensitive(problem, problem.loops ? loop_tolerance : other_tolerance)) {
        ++redrawn;
        continue;
      }
      signals.push_back(problem.wanted);
      batch.push_back(std::move(problem));
    }
    const std::vector<SegmentProgram> programs = compile_segments(signals);
    for (std::size_t k = 0; k < batch.size(); ++k) {
      const Problem& problem = batch[k];
      const double error = dgen::testing::difference(problem.expected, dgen::testing::results(programs[k], problem.in, frames));
      double& worst = problem.loops ? worst_loop : worst_other;
      worst = std::fmax(worst, error);
      EXPECT_LE(error, problem.loops ? loop_tolerance : other_tolerance) << to_text(problem.random) << programs[k].explain();
    }
    done += static_cast<int>(batch.size());
  }
  std::printf("%d random graphs, %d redrawn because they are sensitive; largest error %.2g with feedback, %.2g without\n", done,
              redrawn, worst_loop, worst_other);
  EXPECT_LE(redrawn * 10, done);
}

}  // namespace

// Every op on tensors as generated C against the interpreter: values at every vector width and in blocks of several sizes,
// and gradients over a segment.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/products.h"
#include "dgen/program.h"
#include "dgen/segment.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "dgen/views.h"
#include "support/engines.h"
#include "support/random_graph.h"
#include "support/tensor_cases.h"

namespace {

using namespace dgen;
using dgen::testing::TensorCase;
using Channels = std::vector<std::vector<double>>;

constexpr std::int64_t frames = 300;
/// The sources' phases reach 170 radians, which floats know to 1e-5; cubics multiply that.
constexpr double tolerance = 2e-4;

/// Ticks far apart, so that a kernel takes one at a time, and close together, so that it takes several.
constexpr std::int64_t hop_of(std::size_t k) { return k % 2 == 0 ? 5 : 70; }

Signal weighted_sum(Signal y) { return sum_to(y * dgen::testing::weights(*y.graph, (*y.graph)[y.id].type.shape), {}); }

std::unique_ptr<Graph> streamed(const TensorCase& one, std::int64_t hop) {
  auto graph = std::make_unique<Graph>();
  const Signal y = one.make(dgen::testing::tick_inputs(*graph, one.shapes, hop));
  graph->output(weighted_sum(y));
  const auto count = static_cast<std::int32_t>((*graph)[y.id].type.shape.elements());
  graph->output(overlap_add(reshape(y, extents({count}))));
  return graph;
}

class CompiledTensorOps : public ::testing::TestWithParam<int> {};

/// Every third case: the vector widths share them.
std::vector<const TensorCase*> share(int width, bool differentiable) {
  std::vector<const TensorCase*> mine;
  std::size_t k = width == 4 ? 0 : width == 8 ? 1 : 2;
  for (const TensorCase& one : dgen::testing::tensor_cases()) {
    if (k++ % 3 == 0 && (one.differentiable || !differentiable)) mine.push_back(&one);
  }
  return mine;
}

TEST_P(CompiledTensorOps, AgreeWithTheInterpreterInEveryBlockSize) {
  const std::vector<const TensorCase*> cases = share(GetParam(), false);
  std::vector<std::unique_ptr<Graph>> owned;
  std::vector<const Graph*> graphs;
  for (std::size_t k = 0; k < cases.size(); ++k) {
    owned.push_back(streamed(*cases[k], hop_of(k)));
    graphs.push_back(owned.back().get());
  }
  const std::vector<Program> programs = compile(graphs, {.vector_width = GetParam()});
  for (std::size_t k = 0; k < cases.size(); ++k) {
    SCOPED_TRACE(cases[k]->name);
    const Channels in = dgen::testing::random_input(k, graphs[k]->inputs(), frames);
    const Channels expected = dgen_test::run(*graphs[k], dgen_test::Engine::float64, in, frames, 48000);
    const Channels whole = dgen_test::run(programs[k], in, frames, frames, 48000);
    for (std::size_t c = 0; c < expected.size(); ++c) {
      for (std::size_t n = 0; n < expected[c].size(); ++n)
        ASSERT_NEAR(whole[c][n], expected[c][n], tolerance * std::fmax(1, std::fabs(expected[c][n]))) << c << " " << n;
    }
    for (const std::int64_t block : {7, 64}) ASSERT_EQ(dgen_test::run(programs[k], in, frames, block, 48000), whole) << block;
  }
}

TEST_P(CompiledTensorOps, HaveTheGradientsOfTheInterpreter) {
  std::vector<std::unique_ptr<Graph>> owned;
  std::vector<std::vector<Signal>> wanted;
  std::vector<std::string_view> names;
  const int width = GetParam() == 16 ? 4 : 2 * GetParam();  // other cases than above
  for (const TensorCase* one : share(width, true)) {
    names.push_back(one->name);
    Graph& g = *owned.emplace_back(std::make_unique<Graph>());
    const Signal y = one->make(dgen::testing::tick_inputs(g, one->shapes, hop_of(owned.size())));
    const Signal loss = ops::time_sum(weighted_sum(y + 0.5 * y * y));
    std::vector<Signal> by{g.input(0)};
    for (const int id : g.params()) {
      if (g[id].attributes.param->name.starts_with("gain")) by.push_back({&g, id});
    }
    wanted.push_back({loss});
    for (const Signal d : gradient(loss, by).of) {
      if (d) wanted.back().push_back(d);
    }
  }
  const std::vector<SegmentProgram> programs = compile_segments(wanted, {.compile = {.vector_width = GetParam()}});
  for (std::size_t k = 0; k < names.size(); ++k) {
    SCOPED_TRACE(names[k]);
    const Channels in = dgen::testing::random_input(k, owned[k]->inputs(), frames);
    const auto expected = SegmentInterpreter(*owned[k], wanted[k], 48000).evaluate(in, frames);
    std::vector<std::vector<float>> floats;
    std::vector<const float*> pointers;
    for (const auto& channel : in) floats.emplace_back(channel.begin(), channel.end());
    for (const auto& channel : floats) pointers.push_back(channel.data());
    Segment segment(programs[k], 48000, frames);
    segment.run(pointers.data(), frames);
    for (std::size_t w = 0; w < expected.size(); ++w) {
      double largest = 1;
      for (const double x : expected[w]) largest = std::fmax(largest, std::fabs(x));
      const auto number = static_cast<int>(w);
      if (!programs[k].is_frames(number)) {
        EXPECT_NEAR(segment.value(number), expected[w][0], tolerance * largest) << w;
        continue;
      }
      for (std::size_t n = 0; n < expected[w].size(); ++n)
        ASSERT_NEAR(segment.frames(number)[n], expected[w][n], tolerance * largest) << w << " " << n;
    }
  }
}

/// Every third case in one graph, on values of the clock of `source`.
void expect_parity_of_some(Graph& g, int width, const std::function<Signal(const std::string& name)>& source) {
  for (const TensorCase* each : share(width, false)) {
    const TensorCase& one = *each;
    const Graph::Scope scope(g, one.name);
    std::vector<Signal> x;
    for (const Shape& shape : one.shapes)
      x.push_back(dgen::testing::weights(g, shape) * source(std::string(one.name) + std::to_string(x.size())));
    g.output(weighted_sum(one.make(x)) * g.input(), one.name);
  }
  constexpr std::int64_t few = 20;
  const Program program = compile(g, {.vector_width = width});
  const Channels in = dgen::testing::random_input(1, 1, few);
  const Channels expected = dgen_test::run(g, dgen_test::Engine::float64, in, few, 48000);
  const Channels got = dgen_test::run(program, in, few, few, 48000);
  for (std::size_t c = 0; c < expected.size(); ++c) {
    for (std::size_t n = 0; n < expected[c].size(); ++n)
      EXPECT_NEAR(got[c][n], expected[c][n], tolerance * std::fmax(1, std::fabs(expected[c][n]))) << g.outputs()[c].name;
  }
}

TEST(CompiledTensorClocks, OfControlAgreeWithTheInterpreter) {
  Graph g;
  expect_parity_of_some(g, 4, [&](const std::string& name) { return g.param(name, 0.9); });
}

TEST(CompiledTensorClocks, OfFramesAgreeWithTheInterpreter) {
  Graph g;
  expect_parity_of_some(g, 8, [&](const std::string&) { return 0.7 + 0.25 * g.input(); });
}

TEST(CompiledTensorLoops, MayContainThem) {
  // A membrane: two planes of states, a convolution of the one a frame ago.
  Graph g;
  const Shape shape = extents({1, 5, 7});
  const Signal before = ops::cell(expand(g.constant(0), shape)), earlier = ops::cell(expand(g.constant(0), shape));
  const Signal kernel = tensor(g, std::vector<double>{0, 0.25, 0, 0.25, -1, 0.25, 0, 0.25, 0}, extents({1, 1, 3, 3}));
  const Signal strike = pad(pad(reshape(g.input(), extents({1, 1, 1})), 1, 2, 2), 2, 1, 5);
  const Signal stiffness = g.param("stiffness", 0.6);
  const Signal next = 0.99 * (2.0 * before - earlier + stiffness * conv2d(before, kernel, {.pad = Pad::same})) + strike;
  g.close(before, next);
  g.close(earlier, before);
  g.output(element(element(element(next, 0, 0), 0, 3), 0, 4));
  const Channels in = dgen::testing::random_input(1, 1, frames);
  const Channels expected = dgen_test::run(g, dgen_test::Engine::float64, in, frames, 48000);
  for (const int width : {4, 16}) {
    const Program program = compile(g, {.vector_width = width});
    const Channels whole = dgen_test::run(program, in, frames, frames, 48000);
    for (std::size_t n = 0; n < whole[0].size(); ++n) ASSERT_NEAR(whole[0][n], expected[0][n], 1e-4) << n;
    ASSERT_EQ(dgen_test::run(program, in, frames, 64, 48000), whole);
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, CompiledTensorOps, ::testing::Values(4, 8, 16));

}  // namespace

// Values with shapes at the frame clock, and loops over them, in generated code against the interpreter.

#include "support/frame_tensors.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dgen/gradient.h"
#include "dgen/program.h"
#include "dgen/segment.h"
#include "support/engines.h"
#include "support/random_tensors.h"
#include "support/segment_parity.h"
#include "support/weighted_loss.h"

namespace {

using namespace dgen;
using Channels = std::vector<std::vector<double>>;

constexpr std::int64_t frames = 600;  // more than two sub-blocks

TEST(FrameTensors, AgreeWithTheInterpreterInEveryBlockSize) {
  const auto cases = dgen::testing::frame_tensors();
  std::vector<const Graph*> graphs;
  for (const auto& one : cases) graphs.push_back(one.graph.get());
  for (const int width : {4, 8, 16}) {
    const std::vector<Program> programs = compile(graphs, {.vector_width = width});
    for (std::size_t k = 0; k < cases.size(); ++k) {
      const Channels in = dgen::testing::random_input(k, 1, frames);
      const Channels expected = dgen_test::run(*graphs[k], dgen_test::Engine::float64, in, frames, 48000);
      const Channels whole = dgen_test::run(programs[k], in, frames, frames, 48000);
      double largest = 1;
      for (const double y : expected[0]) largest = std::fmax(largest, std::fabs(y));
      for (std::size_t n = 0; n < expected[0].size(); ++n)  // a few hundred float32 roundings
        ASSERT_NEAR(whole[0][n], expected[0][n], 1e-4 * largest) << cases[k].name << ", frame " << n << ", width " << width;
      for (const std::int64_t block : {1, 37, 256})
        ASSERT_EQ(dgen_test::run(programs[k], in, frames, block, 48000), whole) << cases[k].name << ", blocks of " << block;
    }
  }
}

TEST(FrameTensors, HaveTheGradientsOfTheInterpreter) {
  auto cases = dgen::testing::frame_tensors();
  std::erase_if(cases, [](const auto& one) { return !one.has_gradient; });
  std::vector<std::vector<Signal>> wanted;
  for (const auto& one : cases) {
    Graph& g = *one.graph;
    const Signal loss = dgen::testing::weighted_loss(g);
    std::vector<Signal> by{g.input()}, all{loss};
    for (const int id : g.params()) by.push_back({&g, id});
    for (const Signal d : gradient(loss, by).of) {
      if (d) all.push_back(d);
    }
    wanted.push_back(std::move(all));
  }
  constexpr int widths[] = {4, 8, 16};  // a third of the graphs each: compiling takes long
  for (std::size_t w = 0; w < 3; ++w) {
    std::vector<std::vector<Signal>> third;
    for (std::size_t k = w; k < cases.size(); k += 3) third.push_back(wanted[k]);
    const std::vector<SegmentProgram> programs = compile_segments(third, {.compile = {.vector_width = widths[w]}});
    for (std::size_t k = w; k < cases.size(); k += 3) {
      const Channels in = dgen::testing::random_input(k, 1, frames);
      const Channels expected = SegmentInterpreter(*cases[k].graph, wanted[k], 48000).evaluate(in, frames);
      EXPECT_LT(dgen::testing::difference(expected, dgen::testing::results(programs[k / 3], in, frames)), 1e-3)
          << cases[k].name << ", width " << widths[w];
    }
  }
}

}  // namespace

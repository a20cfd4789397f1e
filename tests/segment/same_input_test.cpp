// What depends on no parameter, at several vector widths and from segment to segment.

#include <gtest/gtest.h>

#include <array>

#include "dgen/filters.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "support/random_graph.h"
#include "support/segment_parity.h"
#include "support/weighted_loss.h"

namespace {

using namespace dgen;
using Channels = std::vector<std::vector<double>>;

TEST(SameInput, LeavesOutWhatDependsOnNoParameter) {
  Graph g;
  const Signal gain = g.param("gain", 0.5);
  const Signal target = tanh(biquad_lowpass(g.input(1), 2000, 0.7));  // not to be computed again
  const Signal error = gain * biquad_lowpass(g.input(0), g.param("cutoff", 900), 0.7) - target;
  const Signal loss = time_mean(error * error);
  const std::array<Signal, 2> wanted{loss, gradient(loss, std::array{gain}).of[0]};
  const SegmentProgram program = compile_segment(wanted);
  EXPECT_NE(program.explain().find("depends on no parameter"), std::string::npos) << program.explain();
  Segment segment(program, 48000, 1000);
  const Channels in = dgen::testing::random_input(1, 2, 1000), other = dgen::testing::random_input(2, 2, 1000);
  const Channels expected = dgen::testing::results(program, segment, in, 1000);
  EXPECT_EQ(dgen::testing::results(program, segment, in, 1000, From::reset, true), expected);
  // It is left out: another target is not looked at.
  EXPECT_EQ(dgen::testing::results(program, segment, {in[0], other[1]}, 1000, From::reset, true), expected);
  EXPECT_NE(dgen::testing::results(program, segment, {in[0], other[1]}, 1000), expected);
  // What cannot be kept is computed again: other lengths, and states that are carried.
  EXPECT_EQ(dgen::testing::results(program, segment, in, 700, From::reset, true), dgen::testing::results(program, in, 700));
  dgen::testing::results(program, segment, in, 1000);
  Segment once(program, 48000, 1000);
  dgen::testing::results(program, once, in, 1000);
  EXPECT_EQ(dgen::testing::results(program, segment, other, 1000, From::carried, true),
            dgen::testing::results(program, once, other, 1000, From::carried));
}

class Widths : public ::testing::TestWithParam<int> {};

TEST_P(Widths, AgreeWithTheReference) {
  std::vector<dgen::testing::RandomGraph> graphs;
  std::vector<std::vector<Signal>> wanted;
  for (std::uint64_t seed = 4000; seed < 4008; ++seed) {
    graphs.push_back(dgen::testing::random_graph(seed));
    Graph& g = *graphs.back().graph;
    const Signal loss = dgen::testing::weighted_loss(g);
    wanted.push_back({loss});
    for (const Signal d : gradient(loss, std::array{g.input()}).of) {
      if (d) wanted.back().push_back(d);
    }
  }
  const std::vector<SegmentProgram> programs = compile_segments(wanted, {.compile = {.vector_width = GetParam()}});
  for (std::size_t k = 0; k < graphs.size(); ++k) {
    Segment segment(programs[k], 48000, 600);
    SegmentInterpreter reference(*graphs[k].graph, wanted[k], 48000);
    for (const std::int64_t frames : {1, 7, 16, 300, 513}) {  // vectors in part, whole ones, sub-blocks
      const Channels in = dgen::testing::random_input(k, graphs[k].graph->inputs(), frames);
      const From from = frames == 300 ? From::carried : From::reset;
      EXPECT_LE(dgen::testing::difference(reference.evaluate(in, frames, from),
                                          dgen::testing::results(programs[k], segment, in, frames, from)),
                1e-3)
          << frames << " frames\n"
          << to_text(graphs[k]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Floats, Widths, ::testing::Values(4, 8, 16));

}  // namespace

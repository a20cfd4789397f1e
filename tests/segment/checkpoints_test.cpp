// Segments whose tape does not fit: the same values from checkpoints, to the bit.

#include <gtest/gtest.h>

#include <array>

#include "dgen/delays.h"
#include "dgen/error.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "support/expect_error.h"
#include "support/random_graph.h"
#include "support/segment_parity.h"
#include "support/weighted_loss.h"

namespace {

using namespace dgen;
using Channels = std::vector<std::vector<double>>;

/// A saturating resonator with a modulated echo, and its gradients by parameters and input.
std::vector<Signal> resonator(Graph& g) {
  const Signal frequency = g.param("frequency", 0.3), damping = g.param("damping", 0.05), drive = g.param("drive", 2);
  const Signal low = ops::cell(g.constant(0.1)), band = ops::cell(g.constant(0));
  const Signal high = tanh(drive * g.input()) - low - damping * band;
  g.close(band, tanh(band + frequency * high));
  g.close(low, low + frequency * band);
  const Signal echo = delay(low, 20.0 + 10.0 * sin(0.01 * frame_index(g)), 64.0);
  const Signal y = low + g.param("mix", 0.3) * echo + 0.01 * noise(g, 4);
  const Signal loss = time_mean(y * y) / (1e-3 + time_mean(band * band));
  std::vector<Signal> wanted{loss, y};
  for (const Signal d : gradient(loss, std::array{frequency, damping, drive, g.input()}).of) wanted.push_back(d);
  return wanted;
}

/// A budget that holds the tape of `frames` frames of this program.
std::int64_t budget(const SegmentProgram& program, std::int64_t frames) { return Segment(program, 48000, frames).tape_bytes(); }

TEST(Checkpoints, GiveTheSameBits) {
  Graph g;
  const std::vector<Signal> wanted = resonator(g);
  const SegmentProgram whole = compile_segment(wanted);
  constexpr std::int64_t frames = 20000;
  const Channels in = dgen::testing::random_input(5, 1, frames);
  const SegmentProgram cut = compile_segment(wanted, {.memory_budget = budget(whole, frames) / 4});
  Segment segment(cut, 48000, frames), free(whole, 48000, frames);
  EXPECT_LE(segment.tape_bytes(), budget(whole, frames) / 4);
  const Channels expected = dgen::testing::results(whole, free, in, frames);
  EXPECT_EQ(dgen::testing::results(cut, segment, in, frames), expected);
  const Channels shorter{{in[0].begin() + 77, in[0].begin() + 12345}};
  const auto count = static_cast<std::int64_t>(shorter[0].size());
  EXPECT_EQ(dgen::testing::results(cut, segment, shorter, count, From::carried),
            dgen::testing::results(whole, free, shorter, count, From::carried));
  EXPECT_EQ(dgen::testing::results(cut, segment, in, 300), dgen::testing::results(whole, free, in, 300));  // one block
  EXPECT_EQ(dgen::testing::results(cut, segment, in, frames), expected);
  const Channels reference = SegmentInterpreter(g, wanted, 48000).evaluate(in, frames);
  EXPECT_LE(dgen::testing::difference(reference, expected, 1e-6), 1e-3);
}

TEST(Checkpoints, WorkWhereRunsNeedSumsOfEarlierOnes) {
  Graph g;
  const Signal gain = g.param("gain", 0.7);
  const Signal past = ops::cell(g.constant(0));
  const Signal y = tanh(gain * g.input() + 0.5 * past);
  g.close(past, y);
  const Signal smooth = ops::cell(g.constant(0));
  g.close(smooth, 0.9 * smooth + 0.1 * tanh(y / sqrt(time_mean(y * y))));
  const Signal loss = time_mean(smooth * smooth * g.input());
  const std::array<Signal, 2> wanted{loss, gradient(loss, std::array{gain}).of[0]};
  constexpr std::int64_t frames = 30000;
  const SegmentProgram whole = compile_segment(wanted),
                       cut = compile_segment(wanted, {.memory_budget = budget(whole, frames) / 4});
  const Channels in = dgen::testing::random_input(6, 1, frames);
  EXPECT_EQ(dgen::testing::results(cut, in, frames), dgen::testing::results(whole, in, frames));
}

TEST(Checkpoints, GiveTheSameWhereALongDelayCutsSubBlocks) {
  Graph g;
  const Signal gain = g.param("gain", 0.6), time = g.param("time", 101.3), damping = g.param("damping", 0.3);
  const Signal loop = g.feedback();
  const Signal past = ops::cell(g.constant(0));
  const Signal smooth = loop + damping * (past - loop);
  g.close(past, smooth);
  const Signal y = g.input() + gain * smooth;
  g.close(loop, delay(y, time, 200.0));
  const Signal loss = time_mean(y * y * g.input());
  std::vector<Signal> wanted{loss, y};
  for (const Signal d : gradient(loss, std::array{gain, time, damping, g.input()}).of) wanted.push_back(d);
  constexpr std::int64_t frames = 20000;
  const SegmentProgram whole = compile_segment(wanted),
                       cut = compile_segment(wanted, {.memory_budget = budget(whole, frames) / 3});
  const Channels in = dgen::testing::random_input(8, 1, frames);
  const Channels expected = dgen::testing::results(whole, in, frames);
  // Sub-blocks are as long as the delay, so that blocks cut sums elsewhere.
  EXPECT_LE(dgen::testing::difference(expected, dgen::testing::results(cut, in, frames), 1e-6), 1e-6);
  const Channels reference = SegmentInterpreter(g, wanted, 48000).evaluate(in, frames);
  EXPECT_LE(dgen::testing::difference(reference, expected, 1e-6), 1e-3);
}

TEST(Checkpoints, OfRandomGraphsGiveTheSameBits) {
  constexpr std::int64_t frames = 24000, most = 130000;  // bytes; a signal takes 96000
  std::vector<dgen::testing::RandomGraph> graphs;
  std::vector<std::vector<Signal>> wanted;
  for (std::uint64_t seed = 3000; seed < 3012; ++seed) {
    graphs.push_back(dgen::testing::random_graph(seed));
    Graph& g = *graphs.back().graph;
    const Signal loss = dgen::testing::weighted_loss(g);
    wanted.push_back({loss});
    for (const Signal d : gradient(loss, std::array{g.input()}).of) {
      if (d) wanted.back().push_back(d);
    }
  }
  const std::vector<SegmentProgram> whole = compile_segments(wanted), tight = compile_segments(wanted, {.memory_budget = most});
  int cut = 0;
  for (std::size_t k = 0; k < graphs.size(); ++k) {
    if (budget(whole[k], frames) <= most) continue;
    const Channels in = dgen::testing::random_input(k, graphs[k].graph->inputs(), frames);
    EXPECT_EQ(dgen::testing::results(tight[k], in, frames), dgen::testing::results(whole[k], in, frames)) << to_text(graphs[k]);
    ++cut;
  }
  EXPECT_GE(cut, 4);
}

TEST(Checkpoints, SayWhenTheBudgetDoesNotDo) {
  Graph g;
  const SegmentProgram program = compile_segment(resonator(g), {.memory_budget = 1000});
  Segment(program, 48000, 16);
  expect_error(ErrorCode::limit_exceeded, "the budget is 1000", [&] { Segment(program, 48000, 100000); });
  expect_error(ErrorCode::limit_exceeded, "bytes with checkpoints every", [&] { Segment(program, 48000, 100000); });
}

}  // namespace

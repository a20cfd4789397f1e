#include "dgen/interpreter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/noise.h"
#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "support/interpret.h"

namespace {

using dgen::Graph;
using dgen::Precision;
using dgen::Signal;
using dgen::testing::Channels;
using dgen::testing::impulse;
using dgen::testing::interpret;
using dgen::testing::ramp;
using Values = std::vector<double>;

Signal line(Graph& g, std::int64_t size, std::string name = {}) {
  return g.add(dgen::ops::line, {}, {.size = size, .name = std::move(name)});
}

/// y[n] = x[n] + a y[n - 1]
Signal one_pole(Graph& g, Signal x, double a, double initial = 0) {
  const Signal before = dgen::ops::cell(g.constant(initial));
  const Signal y = x + a * before;
  g.close(before, y);
  return y;
}

TEST(Interpreter, EvaluatesSources) {
  Graph g;
  g.output(g.constant(2.5));
  g.output(dgen::sample_rate(g));
  g.output(dgen::frame_index(g));
  g.output(g.input(1));
  EXPECT_EQ(interpret(g, 3, {{}, {7, 8, 9}}, 44100), (Channels{{2.5, 2.5, 2.5}, {44100, 44100, 44100}, {0, 1, 2}, {7, 8, 9}}));
}

TEST(Interpreter, TakesAMissingInputAsSilence) {
  Graph g;
  g.output(g.input(0) + 1.0);
  EXPECT_EQ(interpret(g, 2, {}), (Channels{{1, 1}}));
  EXPECT_EQ(interpret(g, 2, {{}}), (Channels{{1, 1}}));
}

TEST(Interpreter, SaysWhichInputIsTooShort) {
  Graph g;
  g.output(g.input(0));
  try {
    interpret(g, 4, {{1, 2}});
    FAIL() << "accepted two of four frames";
  } catch (const dgen::Error& e) {
    EXPECT_STREQ(e.what(), "input channel 0 has 2 frames of the 4 to process");
  }
}

TEST(Interpreter, RefusesASampleRateOutOfRange) {
  const Graph g;
  for (const double rate : {0.0, -48000.0, 1e8, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(dgen::Interpreter(g, rate), dgen::Error) << rate;
  }
}

TEST(Interpreter, AppliesPointwiseOpsByTheirMeaning) {
  Graph g;
  const Signal x = g.input();
  g.output(dgen::sin(x) * 2.0);
  g.output(dgen::select(dgen::gt(x, 1), x, -1.0));
  EXPECT_EQ(interpret(g, 2, {{0.5, 2}}), (Channels{{2 * std::sin(0.5), 2 * std::sin(2)}, {-1, 2}}));
}

TEST(Interpreter, AOnePoleDecaysGeometrically) {
  Graph g;
  g.output(one_pole(g, g.input(), 0.5));
  EXPECT_EQ(interpret(g, 5, {impulse(5)}), (Channels{{1, 0.5, 0.25, 0.125, 0.0625}}));
}

TEST(Interpreter, ACellStartsAtItsInitialValue) {
  Graph g;
  const Signal before = dgen::ops::cell(g.input() * 10.0);
  g.close(before, before + 1.0);
  g.output(before);
  EXPECT_EQ(interpret(g, 3, {{3, 4, 5}}), (Channels{{30, 31, 32}})) << "evaluated at frame 0 only";
}

TEST(Interpreter, CellsSwapWithoutSeeingEachOther) {
  Graph g;
  const Signal a = dgen::ops::cell(g.constant(1)), b = dgen::ops::cell(g.constant(2));
  g.close(a, b);
  g.close(b, a);
  g.output(a);
  g.output(b);
  EXPECT_EQ(interpret(g, 4), (Channels{{1, 2, 1, 2}, {2, 1, 2, 1}}));
}

TEST(Interpreter, ReadsALineAtFlooredAndClampedTimes) {
  Graph g;
  const Signal x = g.input(0), past = line(g, 2);
  g.close(past, x);
  g.output(dgen::ops::line_read(past, g.input(1)));
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(interpret(g, 8, {ramp(8), {0, 1.9, 2, 5, -3, nan, infinity, 1}}), (Channels{{1, 1, 1, 2, 5, 6, 5, 7}}));
}

TEST(Interpreter, ReadsZerosBeforeTheFirstFrame) {
  Graph g;
  const Signal past = line(g, 4);
  g.close(past, g.input());
  g.output(dgen::ops::line_read(past, 3));
  EXPECT_EQ(interpret(g, 5, {ramp(5)}), (Channels{{0, 0, 0, 1, 2}}));
}

TEST(Interpreter, AnEchoRepeats) {
  Graph g;
  const Signal past = line(g, 8);
  const Signal y = g.input() + 0.5 * dgen::ops::line_read(past, 2);
  g.close(past, y);
  g.output(y);
  EXPECT_EQ(interpret(g, 7, {impulse(7)}), (Channels{{1, 0, 0.5, 0, 0.25, 0, 0.125}}));
}

TEST(Interpreter, ALoopReadsALineAtLeastOneFrameLater) {
  for (const double time : {0.0, 0.5, -7.0, 1.0}) {
    for (const std::int64_t size : {0, 1, 8}) {
      Graph g;
      const Signal past = line(g, size);
      const Signal y = g.input() + 0.5 * dgen::ops::line_read(past, time);
      g.close(past, y);
      g.output(y);
      g.output(dgen::ops::line_read(past, 0));
      const Channels out = interpret(g, 3, {impulse(3)});
      EXPECT_EQ(out[0], (Values{1, 0.5, 0.25})) << time << " of " << size;
      EXPECT_EQ(out[1], out[0]) << "a read outside the loop may be of the same frame";
    }
  }
}

TEST(Interpreter, DelaysByWholeFrames) {
  Graph g;
  g.output(g.add(dgen::ops::delay_tap, std::array{g.input(0), g.input(1)}, {.size = 3}));
  EXPECT_EQ(interpret(g, 6, {ramp(6), {0, 1, 2.9, 3, 99, -1}}), (Channels{{1, 1, 1, 1, 2, 6}}));
}

TEST(Interpreter, HandlesTakeTheValueOfTheSameFrame) {
  Graph g;
  const Signal later = g.feedback();
  const Signal sum = g.input() + dgen::ops::cell(0.0 * later);  // the handle is used before its value is made
  g.output(sum + later);
  const Signal before = dgen::ops::cell(g.constant(0));
  g.close(before, later);
  g.close(Signal{&g, g[sum.id].inputs[1]}, g.constant(0));
  g.close(later, before + 1.0);
  EXPECT_EQ(interpret(g, 3, {{10, 20, 30}}), (Channels{{11, 22, 33}}));
}

TEST(Interpreter, ReadsTablesWithEveryBound) {
  Graph g;
  const auto contents = std::make_shared<const Values>(Values{10, 20, 30});
  const Signal table = g.add(dgen::ops::table, {}, {.table = contents});
  for (const dgen::Bound bound : {dgen::Bound::clip, dgen::Bound::wrap, dgen::Bound::zero}) {
    g.output(g.add(dgen::ops::table_read, std::array{table, g.input()}, {.bound = bound}));
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(interpret(g, 6, {{0, 2.9, 3, -0.5, -4, nan}}),
            (Channels{{10, 30, 30, 10, 10, 10}, {10, 30, 10, 30, 30, 10}, {10, 30, 0, 0, 0, 0}}));
}

struct Memory {
  Signal table;
  /// Appends a write of this frame.
  Signal write(Signal index, Signal value) const {
    Graph& g = *table.graph;
    const int last = g[table.id].feedback;
    const Signal version = dgen::ops::table_write(last < 0 ? table : Signal{&g, last}, index, value);
    g.close(table, version);
    return version;
  }
};

Memory memory(Graph& g, Values contents, std::string name = {}) {
  const auto shared = std::make_shared<const Values>(std::move(contents));
  return {g.add(dgen::ops::table, {}, {.name = std::move(name), .table = shared})};
}

TEST(Interpreter, AReadSeesTheWritesOfEarlierFrames) {
  Graph g;
  const Memory m = memory(g, {0, 0});
  g.output(dgen::ops::table_read(m.table, 1));
  m.write(g.constant(1), g.input());
  EXPECT_EQ(interpret(g, 3, {{5, 6, 7}}), (Channels{{0, 5, 6}}));
}

TEST(Interpreter, SeqPutsAReadAfterAWrite) {
  Graph g;
  const Memory m = memory(g, {0, 0});
  const Signal after = dgen::ops::table_read(m.table, 1), before = dgen::ops::table_read(m.table, 1);
  const Signal write = m.write(g.constant(1), g.input());
  g.output(dgen::seq(before, write, after));
  g.output(before);
  EXPECT_EQ(interpret(g, 3, {{5, 6, 7}}), (Channels{{5, 6, 7}, {0, 5, 6}}));
}

TEST(Interpreter, TwoWritesHappenInTheirOrder) {
  Graph g;
  const Memory m = memory(g, {0, 0});
  const Signal between = dgen::ops::table_read(m.table, 0), after = dgen::ops::table_read(m.table, 0);
  const Signal first = m.write(g.constant(0), g.input(0)), second = m.write(g.input(1), g.constant(-1));
  g.output(dgen::seq(first, between));
  g.output(dgen::seq(first, second, after));
  g.output(dgen::ops::table_read(first, 0));
  EXPECT_EQ(interpret(g, 3, {{5, 6, 7}, {0, 1, 9}}), (Channels{{5, 6, 7}, {-1, 6, 7}, {5, 6, 7}}));
}

TEST(Interpreter, ReadsAndWritesThroughASequenceOfTables) {
  Graph g;
  const Memory m = memory(g, {0, 0});
  const Signal first = m.write(g.constant(0), g.input());
  g.close(m.table, dgen::ops::table_write(dgen::seq(g.input(), first), 1, 2.0 * g.input()));
  g.output(dgen::ops::table_read(dgen::seq(g.input(), first), 0));
  g.output(dgen::ops::table_read(dgen::seq(g.input(), m.table), 1));
  EXPECT_EQ(interpret(g, 3, {{5, 6, 7}}), (Channels{{5, 6, 7}, {0, 10, 12}}));
}

TEST(Interpreter, AWriteOutsideChangesNothing) {
  Graph g;
  const Memory m = memory(g, {1, 2});
  m.write(g.input(), g.constant(9));
  g.output(dgen::ops::table_read(m.table, 0));
  g.output(dgen::ops::table_read(m.table, 1));
  EXPECT_EQ(interpret(g, 4, {{-1, 2, 1.5, 0}}), (Channels{{1, 1, 1, 1}, {2, 2, 2, 9}}));
}

TEST(Interpreter, NoiseIsTheHashOfItsSeedAndFrame) {
  Graph g;
  g.output(dgen::noise(g, 3));
  const Channels out = interpret(g, 4);
  for (std::size_t n = 0; n < 4; ++n) EXPECT_EQ(out[0][n], dgen::noise(3, n));
}

TEST(Interpreter, HoldsParametersWithinTheirRange) {
  Graph g;
  g.output(g.param("gain", 0.5, {.min = 0, .max = 2}) * g.input());
  dgen::Interpreter interpreter(g, 48000);
  const Channels in{{1, 1}};
  Channels out;
  const auto first = [&] { return interpreter.process(in, out, 1), out[0][0]; };
  EXPECT_EQ(first(), 0.5);
  interpreter.set("gain", 1.5);
  EXPECT_EQ(first(), 1.5);
  interpreter.set("gain", 3);
  EXPECT_EQ(first(), 2);
  interpreter.set("gain", std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(first(), 2);
  interpreter.reset();
  EXPECT_EQ(first(), 2) << "a reset keeps parameters";
  EXPECT_EQ(interpreter.value(g.outputs()[0].node), 2);
}

TEST(Interpreter, SaysWhichParametersThereAre) {
  Graph g;
  g.param("gain", 1);
  g.param("mix", 1);
  try {
    dgen::Interpreter(g, 48000).set("gian", 1);
    FAIL() << "accepted an unknown parameter";
  } catch (const dgen::Error& e) {
    EXPECT_STREQ(e.what(), "there is no parameter 'gian'; this patch has gain, mix");
  }
}

/// A patch with every kind of state.
void add_states(Graph& g) {
  const Signal past = line(g, 5, "echo");
  const Signal y = one_pole(g, g.input(), 0.9, 3) + 0.3 * dgen::ops::line_read(past, 4);
  g.close(past, y);
  const Memory m = memory(g, {1, 2, 3, 4}, "take");
  m.write(dgen::mod(dgen::frame_index(g), 4), y);
  g.output(y + dgen::ops::table_read(m.table, 2) + dgen::noise(g, 1));
  g.output(g.add(dgen::ops::delay_tap, std::array{y, g.constant(3)}, {.size = 3}));
}

TEST(Interpreter, SavesAndRestoresEveryState) {
  Graph g;
  add_states(g);
  dgen::Interpreter whole(g, 48000), resumed(g, 48000);
  Channels out, rest;
  whole.process(Channels{ramp(7)}, out, 7);
  const auto saved = whole.save();
  whole.process(Channels{ramp(9)}, out, 9);
  resumed.restore(saved);
  resumed.process(Channels{ramp(9)}, rest, 9);
  EXPECT_EQ(rest, out);
}

TEST(Interpreter, ResetsToFrameZero) {
  Graph g;
  add_states(g);
  dgen::Interpreter interpreter(g, 48000);
  Channels first, again;
  interpreter.process(Channels{ramp(9)}, first, 9);
  interpreter.reset();
  interpreter.process(Channels{ramp(9)}, again, 9);
  EXPECT_EQ(again, first);
}

TEST(Interpreter, NamesStatesByPathWithTheOldestFrameFirst) {
  Graph g;
  const Signal past = line(g, 3, "echo");
  g.close(past, g.input());
  const Signal a = one_pole(g, g.input(), 0), b = one_pole(g, g.input(), 0.5);
  g.output(a + b + dgen::ops::line_read(past, 1));
  memory(g, {1, 2}, "read only");
  memory(g, {1, 2}, "written").write(g.constant(1), g.input());
  dgen::Interpreter interpreter(g, 48000);
  Channels out;
  interpreter.process(Channels{ramp(2)}, out, 2);
  const std::map<std::string, Values, std::less<>> expected{
      {"frame", {2}}, {"echo", {0, 1, 2}}, {"cell", {2}}, {"cell#2", {2.5}}, {"written", {1, 2}}};
  EXPECT_EQ(interpreter.save(), expected);
}

TEST(Interpreter, RefusesStatesOfAnotherPatch) {
  Graph g, other;
  const Signal past = line(g, 3, "echo");
  g.close(past, g.input());
  other.output(one_pole(other, other.input(), 0.5));
  dgen::Interpreter interpreter(g, 48000);
  const auto message = [&](const auto& saved) -> std::string {
    try {
      interpreter.restore(saved);
    } catch (const dgen::Error& e) {
      return e.code() == dgen::ErrorCode::state_mismatch ? e.what() : "another code";
    }
    return "accepted";
  };
  auto saved = interpreter.save();
  EXPECT_EQ(message(saved), "accepted");
  EXPECT_EQ(message(dgen::Interpreter(other, 48000).save()), "saved state of another patch: this patch has no state 'cell'");
  saved["echo"].push_back(1);
  EXPECT_EQ(message(saved), "saved state of another patch: 'echo' has 4 values, here 3");
  saved.erase("echo");
  EXPECT_EQ(message(saved), "saved state of another patch: it has no 'echo'");
}

TEST(Interpreter, RoundsEveryFrameValueInFloat32Mode) {
  Graph g;
  const Signal x = g.input();
  const Signal third = x / 3.0;
  g.output(third * third);
  g.output(one_pole(g, x, 0.1));
  const Channels out = interpret(g, 3, {{1, 1, 1}}, 48000, Precision::float32);
  const float t = 1.0f / 3.0f;
  EXPECT_EQ(out[0][0], t * t);
  const float y0 = 1.0f, y1 = 1.0f + 0.1f * y0, y2 = 1.0f + 0.1f * y1;
  EXPECT_EQ(out[1], (Values{y0, y1, y2}));
}

TEST(Interpreter, FlushesDenormalsInFloat32ModeOnly) {
  Graph g;
  g.output(g.input() * 1.0);
  g.output(g.input() * 0.5);
  const double smallest = 0x1p-126;
  const Channels in{{smallest, smallest / 2, -smallest / 2}};
  EXPECT_EQ(interpret(g, 3, in, 48000, Precision::float32), (Channels{{smallest, 0, 0}, {0, 0, 0}}));
  EXPECT_EQ(interpret(g, 3, in)[0], in[0]);
}

TEST(Interpreter, KeepsControlValuesInDoubleInFloat32Mode) {
  Graph g;
  const Signal control = g.param("p", 1) / 3.0;
  const Signal difference = control - 1.0 / 3.0;
  g.output(difference);
  g.output(g.input() + control);
  const Channels out = interpret(g, 1, {{0}}, 48000, Precision::float32);
  EXPECT_EQ(out[0][0], 0) << "exact only in double";
  EXPECT_EQ(out[1][0], 1.0f / 3.0f) << "rounded where a frame value reads it";
}

TEST(Interpreter, TakesAReadOfAWrittenTableAsAFrameValue) {
  Graph g;
  const Memory m = memory(g, {0.1});
  const Signal read = dgen::ops::table_read(m.table, 0);
  m.write(g.constant(0), g.input());
  g.output(read * 1.0);
  const Channels out = interpret(g, 2, {{0.1, 0}}, 48000, Precision::float32);
  EXPECT_EQ(out[0], (Values{0.1f, 0.1f}));
}

TEST(Interpreter, RunsADeepChain) {
  Graph g;
  Signal x = g.input();
  for (int k = 0; k < 100000; ++k) x = x + 1.0;
  g.output(x);
  EXPECT_EQ(interpret(g, 1, {{0}}), (Channels{{100000}}));
}

}  // namespace

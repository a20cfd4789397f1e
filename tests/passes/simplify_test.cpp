#include "passes/simplify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "dgen/dsp.h"
#include "dgen/error.h"
#include "dgen/interpreter.h"
#include "dgen/math.h"
#include "dgen/memory.h"
#include "dgen/time.h"
#include "passes/close_loops.h"

namespace {

using namespace dgen;

/// A signal with no symmetry that a wrong order could hide behind.
std::vector<double> test_signal(int frames) {
  std::vector<double> x;
  for (int n = 0; n < frames; ++n) x.push_back(std::sin(0.37 * n * n) * (n % 7 - 3));
  return x;
}

std::vector<std::vector<double>> run(const Graph& g, int frames) {
  Interpreter interpreter(g, 44100);
  const std::vector<std::vector<double>> in(static_cast<std::size_t>(g.inputs()), test_signal(frames));
  std::vector<std::vector<double>> out;
  interpreter.process(in, out, frames);
  return out;
}

/// The passes must not change a bit of what the interpreter computes.
void expect_same_sound(const Graph& g) {
  const Rewritten closed = passes::close_loops(g);
  const Rewritten simple = passes::simplify(g);
  const auto expected = run(g, 300);
  EXPECT_EQ(run(*closed.graph, 300), expected) << to_text(*closed.graph);
  EXPECT_EQ(run(*simple.graph, 300), expected) << to_text(*simple.graph);
}

int count(const Graph& g, Kind kind) {
  return static_cast<int>(std::count_if(g.nodes().begin(), g.nodes().end(), [&](const Node& n) { return n.op->kind == kind; }));
}

TEST(CloseLoops, TurnsAOnePoleIntoOneRecur) {
  Graph g;
  const Signal y = ops::cell(g.constant(0.25));
  const Signal next = g.input() * 0.1 + y * 0.9;
  g.close(y, next);
  g.output(next);
  const Rewritten closed = passes::close_loops(g);
  EXPECT_EQ(count(*closed.graph, Kind::recur), 1);
  EXPECT_EQ(count(*closed.graph, Kind::cell), 0);
  expect_same_sound(g);
}

TEST(CloseLoops, KeepsWorkThatDoesNotLoopOutside) {
  Graph g;
  const Signal y = ops::cell(g.constant(0));
  const Signal next = sin(g.input() * 3) + y * 0.5;
  g.close(y, next);
  g.output(next);
  const Rewritten closed = passes::close_loops(g);
  for (const Node& node : closed.graph->nodes()) {
    if (!node.attributes.recurrence) continue;
    for (const Node& inner : node.attributes.recurrence->body->nodes()) EXPECT_NE(inner.op, &ops::sin);
  }
}

TEST(CloseLoops, MakesAHistoryOutsideALoopADelay) {
  Graph g;
  const Signal before = ops::cell(g.constant(0.5));
  g.close(before, g.input());
  g.output(g.input() - before);
  const Rewritten closed = passes::close_loops(g);
  EXPECT_EQ(count(*closed.graph, Kind::recur), 0);
  EXPECT_EQ(count(*closed.graph, Kind::delay), 1);
  expect_same_sound(g);
}

TEST(CloseLoops, ClosesAnEchoThroughAHandle) {
  Graph g;
  const Signal loop = g.feedback();
  const Signal x = g.input() + loop * 0.6;
  g.close(loop, delay(x, 10.5, 64.0));
  g.output(x);
  g.output(delay(x, 0.0, 4.0));
  expect_same_sound(g);
}

TEST(CloseLoops, LetsADelayInsideALoopReadTheCurrentFrame) {
  Graph g;
  const Signal y = ops::cell(g.constant(0));
  const Signal x = g.input() + y * 0.5;
  const Signal late = delay(x, 2 * abs(sin(g.input())), 8.0);  // in the loop only through the cell: time 0 is now
  g.close(y, late);
  g.output(late);
  expect_same_sound(g);
}

TEST(CloseLoops, KeepsTheOrderOfTableAccesses) {
  Graph g;
  const Signal memory = table(g, {1, 2, 3, 4, 5, 6, 7, 8}, "memory");
  const Signal index = wrap(frame_index(g), 0.0, 8.0);
  const Signal old = memory_read(memory, index);
  const Signal version = memory_write(memory, index, old * 0.5 + g.input());
  const Signal fresh = seq(version, memory_read(memory, index, 1.0, 1.0));
  g.output(old);
  g.output(fresh);
  expect_same_sound(g);
}

TEST(CloseLoops, JoinsLoopsThatFeedEachOther) {
  Graph g;
  const Signal a = ops::cell(g.constant(0)), b = ops::cell(g.constant(0.125));
  const Signal next_a = g.input() + b * 0.5, next_b = a * 0.25 - next_a * 0.1;
  g.close(a, next_a);
  g.close(b, next_b);
  g.output(a + b);
  EXPECT_EQ(count(*passes::close_loops(g).graph, Kind::recur), 1);
  expect_same_sound(g);
}

TEST(CloseLoops, SaysWhichNodesLoopWithoutADelay) {
  Graph g;
  const Signal loop = g.feedback();
  const Signal x = g.name(g.input() + loop * 0.5, "mixer");
  g.close(loop, x);
  g.output(x);
  try {
    passes::close_loops(g);
    FAIL() << "accepted a loop in which no time passes";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::loop_without_delay);
    EXPECT_NE(std::string(e.what()).find("mixer"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("simplify_test.cpp"), std::string::npos) << e.what();
  }
}

TEST(Simplify, FoldsMergesAndDropsWhatIsNotNeeded) {
  Graph g;
  const Signal unused = sin(g.input() * 7);
  const Signal a = g.input() * (g.constant(2) * 3.0), b = (g.constant(3) * 2.0) * g.input();
  static_cast<void>(unused);
  g.output(a + b);
  const Rewritten simple = passes::simplify(g);
  EXPECT_EQ(count(*simple.graph, Kind::pointwise), 2) << to_text(*simple.graph);  // one product, one sum
  expect_same_sound(g);
}

TEST(Simplify, KeepsParametersThatNothingUses) {
  Graph g;
  g.param("a", 1);
  g.output(g.param("b", 2) * g.input());
  g.input(3);
  const Rewritten simple = passes::simplify(g);
  ASSERT_EQ(simple.graph->params().size(), 2u);
  EXPECT_EQ((*simple.graph)[simple.graph->params()[0]].attributes.param->name, "a");
  EXPECT_EQ(simple.graph->inputs(), 4);
}

TEST(Simplify, LeavesTheCoefficientsOfAFilterAtControlRate) {
  Graph g;
  g.output(biquad(g.input(), g.param("cutoff", 1000), 0.7, 1.0, 0.0));
  const Rewritten simple = passes::simplify(g);
  for (const Node& node : simple.graph->nodes()) {
    if (node.op == &ops::sin || node.op == &ops::cos) {
      EXPECT_EQ(node.type.clock, Clock::control);
    }
  }
  expect_same_sound(g);
}

}  // namespace

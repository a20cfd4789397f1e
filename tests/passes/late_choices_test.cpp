// Loops that choose between coefficients by comparing their state.

#include "passes/late_choices.h"

#include <gtest/gtest.h>

#include "dgen/compare.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "passes/loop_latency.h"
#include "passes/simplify.h"
#include "support/engines.h"
#include "support/play.h"

namespace {

using namespace dgen;
using namespace dgen_test;

/// An envelope follower: y' = x + keep (y - x), where keep is one number while the level rises and another while it falls.
void add_follower(Graph& g) {
  const Signal x = abs(g.input()), level = ops::cell(g.constant(0)), rises = ops::gt(x, level);
  const Signal keep = select(rises, g.param("attack", 0.7), g.param("release", 0.99));
  const Signal next = (1.0 - keep) * x + keep * level;
  g.close(level, next);
  g.output(next);
  g.output(level * 2.0);
}

const Recurrence& loop_of(const Graph& g) {
  for (const Node& node : g.nodes()) {
    if (node.op->kind == Kind::recur) return *node.attributes.recurrence;
  }
  throw std::logic_error("no loop");
}

TEST(LateChoices, ShortenTheLoop) {
  Graph g;
  add_follower(g);
  const Rewritten simple = passes::simplify(g);
  const Rewritten late = passes::late_choices(*simple.graph);
  EXPECT_LT(passes::loop_latency(loop_of(*late.graph)), passes::loop_latency(loop_of(*simple.graph)));
  const Recurrence& loop = loop_of(*late.graph);
  EXPECT_EQ((*loop.body)[loop.states[0].next].op, &ops::select);
}

TEST(LateChoices, KeepTheValues) {
  Graph g;
  add_follower(g);
  const Channels in{white_noise(2000)};
  const auto expected = run(g, Engine::float64, in, 2000, 48000), out = run(g, Engine::cpu, in, 2000, 48000);
  for (std::size_t c = 0; c < 2; ++c) {
    for (std::size_t n = 0; n < 2000; ++n) ASSERT_NEAR(out[c][n], expected[c][n], 1e-6) << "frame " << n;
  }
}

TEST(LateChoices, LeaveChoicesBetweenStatesAndOfSeveralConditionsAlone) {
  Graph g;
  const Signal x = g.input(), y = ops::cell(g.constant(0));
  g.close(y, select(ops::gt(x, y), x + 0.5 * y, select(ops::gt(y, 2.0), 0.1, 0.2) * y * select(ops::lt(y, x), 0.3, 0.4)));
  g.output(y);
  const Rewritten simple = passes::simplify(g);
  const Rewritten late = passes::late_choices(*simple.graph);
  EXPECT_EQ(to_text(*late.graph), to_text(*simple.graph));
}

}  // namespace

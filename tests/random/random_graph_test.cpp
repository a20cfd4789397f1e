#include "support/random_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "dgen/math.h"
#include "dgen/time.h"
#include "graph/feedback.h"
#include "support/interpret.h"
#include "support/random_tensors.h"
#include "support/safe_op.h"

namespace {

using dgen::Graph;
using dgen::Kind;
using dgen::testing::Channels;

constexpr int graphs = 1000;
constexpr std::int64_t frames = 300;

TEST(SafeOps, HoldEveryPointwiseOp) {
  std::set<const dgen::OpDef*> safe;
  for (const dgen::testing::SafeOp& s : dgen::testing::safe_ops()) safe.insert(s.op);
  for (const dgen::OpDef* op : dgen::all_ops()) {
    if (op->kind == Kind::pointwise && !op->stated_gradient) {  // those are in tests/gradient
      EXPECT_TRUE(safe.contains(op)) << op->name;
    }
  }
}

TEST(RandomGraph, IsTheSameForTheSameSeed) {
  EXPECT_EQ(to_text(dgen::testing::random_graph(7)), to_text(dgen::testing::random_graph(7)));
  EXPECT_NE(to_text(*dgen::testing::random_graph(7).graph), to_text(*dgen::testing::random_graph(8).graph));
}

TEST(RandomGraph, HoldsEveryKindAndOpInSomeGraph) {
  std::map<std::string_view, int> uses;
  int feedback_reads = 0, plain_reads = 0, smallest = 1000, largest = 0;
  for (std::uint64_t seed = 0; seed < 5 * graphs; ++seed) {  // sequences are rare
    const auto random = dgen::testing::random_graph(seed);
    const std::vector<bool> reads = dgen::feedback_reads(*random.graph);
    for (int id = 0; id < random.graph->size(); ++id) {
      const dgen::Node& node = (*random.graph)[id];
      ++uses[node.op->name];
      if (node.op->kind == Kind::line_read) ++(reads[static_cast<std::size_t>(id)] ? feedback_reads : plain_reads);
    }
    smallest = std::min(smallest, random.graph->size()), largest = std::max(largest, random.graph->size());
  }
  for (std::uint64_t seed = 0; seed < graphs / 10; ++seed) {
    const auto random = dgen::testing::random_tensors(seed, true);
    for (const dgen::Node& node : random.graph->nodes()) ++uses[node.op->name];
  }
  for (const dgen::OpDef* op : dgen::all_ops()) {
    const bool made_by_passes =
        op->kind == Kind::recur || op->kind == Kind::result || op->kind == Kind::state || op->kind == Kind::argument;
    const bool streams = op->kind != Kind::reduce;  // a sum over a call is no stream: tests/gradient
    if (op->kind != Kind::composite && !made_by_passes && streams && !op->stated_gradient) {
      EXPECT_GT(uses[op->name], 0) << op->name;
    }
  }
  EXPECT_GT(feedback_reads, graphs / 10);
  EXPECT_GT(plain_reads, graphs / 10);
  EXPECT_GE(smallest, 5);
  EXPECT_LE(largest, 90);  // the drawn nodes and the constants they bring
  RecordProperty("smallest", smallest);
  RecordProperty("largest", largest);
}

TEST(RandomGraph, StaysBounded) {
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const auto random = dgen::testing::random_graph(seed);
    const Channels in = dgen::testing::random_input(seed, random.graph->inputs(), frames);
    for (const auto& channel : dgen::testing::interpret(*random.graph, frames, in)) {
      for (const double y : channel) ASSERT_LT(std::fabs(y), 20) << to_text(random);
    }
  }
}

TEST(RandomGraph, IsWellConditionedInMostCases) {
  int redrawn = 0, rounded = 0;
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const auto random = dgen::testing::random_graph(seed);
    const Channels in = dgen::testing::random_input(seed, random.graph->inputs(), frames);
    if (!(dgen::testing::sensitivity(*random.graph, in, frames) < 1e-4)) ++redrawn;
    if (!(dgen::testing::rounding_sensitivity(*random.graph, in, frames) < 1e-4)) ++rounded;
  }
  std::printf("of %d graphs, %d are sensitive to 1e-6 and %d to rounding\n", graphs, redrawn, rounded);
  EXPECT_LE(redrawn, graphs / 20);
  EXPECT_LE(rounded, graphs / 20);
}

TEST(Sensitivity, IsTheGainOfALinearPatch) {
  Graph g;
  g.output(g.input() * 3.0);
  const Channels in = dgen::testing::random_input(1, 1, 50);
  EXPECT_NEAR(dgen::testing::sensitivity(g, in, 50), 3e-6, 1e-12);
}

TEST(Shrink, LeavesTheNodesThatMatter) {
  const auto has_tanh_of_noise = [](const Graph& g) {
    for (const dgen::Node& node : g.nodes()) {
      if (node.op == &dgen::ops::tanh && g[node.inputs[0]].op == &dgen::ops::noise) return true;
    }
    return false;
  };
  Graph g;
  const dgen::Signal before = dgen::ops::cell(g.constant(0));
  const dgen::Signal y = dgen::sin(g.input() + dgen::tanh(dgen::noise(g, 3))) * 2.0 + 0.5 * before;
  g.close(before, y);
  g.output(g.input());
  g.output(y);
  const auto smallest = dgen::testing::shrink(g, has_tanh_of_noise);
  EXPECT_EQ(to_text(*smallest), "%0 = noise 3 : frame\n%1 = tanh %0 : frame\noutput 'out2' %1\n");
}

TEST(Shrink, KeepsRandomGraphsValid) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto random = dgen::testing::random_graph(seed);
    const auto smallest = dgen::testing::shrink(*random.graph, [&](const Graph& g) {
      dgen::check_loops(g);
      return std::any_of(g.nodes().begin(), g.nodes().end(), [](const dgen::Node& n) { return n.op->kind == Kind::line_read; });
    });
    const bool reads = std::any_of(smallest->nodes().begin(), smallest->nodes().end(),
                                   [](const dgen::Node& n) { return n.op->kind == Kind::line_read; });
    if (reads) {
      EXPECT_LE(smallest->size(), 6) << to_text(random) << "became\n" << to_text(*smallest);
    }
  }
}

}  // namespace

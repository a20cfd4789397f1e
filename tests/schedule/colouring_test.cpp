#include "schedule/colouring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "dgen/math.h"
#include "dgen/time.h"
#include "passes/simplify.h"
#include "schedule/part_stages.h"

namespace {

using namespace dgen;

/// A graph of one-poles and cheap or dear pointwise work between them, wired at random.
std::unique_ptr<Graph> small_graph(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  Graph g;
  std::vector<Signal> pool{g.input()};
  for (int k = 0; k < 12; ++k) {
    const Signal x = pool[below(pool.size())], y = pool[below(pool.size())];
    switch (below(5)) {
      case 0: pool.push_back(x * 0.5 + 0.25); break;
      case 1: pool.push_back(sin(x)); break;
      case 2: pool.push_back(x * y); break;
      default: {
        const Signal before = ops::cell(g.constant(0));
        const Signal now = x + before * 0.5;
        g.close(before, now);
        pool.push_back(now);
      }
    }
  }
  g.output(pool.back());
  g.output(pool[pool.size() / 2]);
  return passes::simplify(g).graph;
}

double cost(const Graph& g, const schedule::Colouring& c) {
  return schedule::stage_cost(g, c.colour, schedule::assign_stages(g, c.colour));
}

TEST(GreedyColouring, IsWithinTenPercentOfTheBest) {
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    const std::unique_ptr<Graph> g = small_graph(seed);
    const double best = cost(*g, schedule::cheapest_colouring(*g)), found = cost(*g, schedule::greedy_colouring(*g));
    EXPECT_LE(found, 1.1 * best) << "seed " << seed << "\n" << to_text(*g);
  }
}

TEST(GreedyColouring, KeepsDearWorkVectorised) {
  Graph g;
  const Signal before = ops::cell(g.constant(0));
  const Signal now = sin(exp(g.input())) + before * 0.5;
  g.close(before, now);
  g.output(now);
  const auto simple = passes::simplify(g).graph;
  const schedule::Colouring c = schedule::greedy_colouring(*simple);
  for (int id = 0; id < simple->size(); ++id) {
    if ((*simple)[id].op == &ops::sin) {
      EXPECT_EQ(c.colour[static_cast<std::size_t>(id)], schedule::Colour::parallel);
    }
  }
}

TEST(AssignStages, PutsADelayAfterTheStageThatFillsItsRing) {
  Graph g;
  const Signal x = sin(g.input());
  for (const double frames : {0.0, 1.0, 2.0, 3.0, 100.0})
    g.output(g.add(ops::delay_tap, std::array{x, g.constant(frames)}, {.size = 200}) + g.input());
  const auto simple = passes::simplify(g).graph;
  const schedule::Colouring c = schedule::first_colouring(*simple);
  const std::vector<int> stage = schedule::assign_stages(*simple, c.colour);
  for (int id = 0; id < simple->size(); ++id) {
    const Node& node = (*simple)[id];
    if (node.op->kind != Kind::delay) continue;
    const double frames = (*simple)[node.inputs[1]].attributes.value;
    const bool carried = frames == 1 || frames == 2;  // from vector to vector, in registers
    EXPECT_EQ(stage[static_cast<std::size_t>(id)] > stage[static_cast<std::size_t>(node.inputs[0])], !carried);
  }
}

std::vector<int> parts_of(const Graph& g) {
  const schedule::Colouring c = schedule::first_colouring(g);
  return schedule::part_stages(g, c.colour, schedule::assign_stages(g, c.colour));
}

TEST(PartStages, CutsALongBodyBeforeItsScan) {
  Graph g;
  const Signal factor = 0.9 / (1.0 + tan(exp2(g.input(1)) / 20.0)), before = ops::cell(g.constant(0));
  const Signal now = g.input() + factor * before;
  g.close(before, now);
  g.output(exp2(log2(1.0 + now * now) / 3.0));
  const auto simple = passes::find_scans(*passes::simplify(g).graph).graph;
  const std::vector<int> stage = parts_of(*simple);
  int head = 100, scan = 0;
  for (int id = 0; id < simple->size(); ++id) {
    const Node& node = (*simple)[id];
    const int own = stage[static_cast<std::size_t>(id)];
    if (node.op == &ops::tan) head = own;
    if (node.op->kind == Kind::recur) scan = own;
    for (const int x : node.inputs) EXPECT_LE(stage[static_cast<std::size_t>(x)], own) << "node " << id;
  }
  EXPECT_LT(head, scan);
}

TEST(PartStages, KeepsASineWithItsAngle) {
  Graph g;
  Signal y = g.input();
  for (int k = 0; k < 6; ++k) y = sin(exp2(tan(y)) * two_pi);
  g.output(y);
  const auto simple = passes::simplify(g).graph;
  const std::vector<int> stage = parts_of(*simple);
  EXPECT_GT(*std::max_element(stage.begin(), stage.end()), 0);
  for (int id = 0; id < simple->size(); ++id) {
    const Node& node = (*simple)[id];
    if (node.op != &ops::sin) continue;
    EXPECT_EQ(stage[static_cast<std::size_t>(id)], stage[static_cast<std::size_t>(node.inputs[0])]) << "node " << id;
  }
}

TEST(PartStages, LeavesShortBodiesWhole) {
  Graph g;
  g.output(tanh(g.input()) * 0.5 + g.input(1));
  const std::vector<int> stage = parts_of(*passes::simplify(g).graph);
  EXPECT_EQ(*std::max_element(stage.begin(), stage.end()), 0);
}

}  // namespace

// The passes leave the meaning of random graphs as it is: the interpreter runs the graph before and after.

#include "support/random_graph.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dgen/error.h"
#include "passes/close_loops.h"
#include "passes/simplify.h"
#include "support/interpret.h"

namespace {

using dgen::Graph;
using dgen::Precision;
using dgen::testing::Channels;
using dgen::testing::interpret;
using Pass = dgen::Rewritten (*)(const Graph&);

constexpr std::uint64_t graphs = 500;
constexpr std::int64_t frames = 200;

/// The same numbers, bit by bit but for the sign of zero.
bool same(const Channels& a, const Channels& b) {
  for (std::size_t c = 0; c < a.size(); ++c) {
    for (std::size_t n = 0; n < a[c].size(); ++n) {
      if (a[c][n] != b[c][n] && !(std::isnan(a[c][n]) && std::isnan(b[c][n]))) return false;
    }
  }
  return a.size() == b.size();
}

void expect_same_meaning(Pass pass, Precision precision) {
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const auto random = dgen::testing::random_graph(seed);
    const Channels in = dgen::testing::random_input(seed, random.graph->inputs(), frames);
    const auto differs = [&](const Graph& g) {
      return !same(interpret(g, frames, in, 48000, precision), interpret(*pass(g).graph, frames, in, 48000, precision));
    };
    if (!differs(*random.graph)) continue;
    const auto smallest = dgen::testing::shrink(*random.graph, differs);
    FAIL() << to_text(random) << "\nshrunk:\n" << to_text(*smallest) << "\nbecame:\n" << to_text(*pass(*smallest).graph);
  }
}

dgen::Rewritten closed(const Graph& graph) { return dgen::passes::close_loops(graph); }
dgen::Rewritten closed_but_measured(const Graph& graph) { return dgen::passes::close_loops(graph, true); }
dgen::Rewritten simplified(const Graph& graph) { return dgen::passes::simplify(graph); }

TEST(CloseLoops, KeepsTheMeaningOfRandomGraphs) { expect_same_meaning(closed, Precision::float64); }

TEST(CloseLoops, KeepsTheRoundingOfRandomGraphs) { expect_same_meaning(closed, Precision::float32); }

TEST(CloseLoops, KeepsTheMeaningOfWhatMeasuredReadsCut) { expect_same_meaning(closed_but_measured, Precision::float64); }

TEST(Simplify, KeepsTheMeaningOfRandomGraphs) { expect_same_meaning(simplified, Precision::float64); }

}  // namespace

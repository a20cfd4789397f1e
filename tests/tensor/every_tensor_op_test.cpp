// Checks that hold for every op on tensors, found by walking their cases; the record of each kind must have one.

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "graph/tensor_elements.h"
#include "support/differences.h"
#include "support/random_graph.h"
#include "support/tensor_cases.h"

namespace {

using namespace dgen;
using dgen::testing::Comparison;
using dgen::testing::TensorCase;

constexpr std::int64_t frames = 61;

class EveryTensorOp : public ::testing::TestWithParam<const TensorCase*> {};

/// A loss to which every element of every tick counts, differently, and not linearly.
Signal weighed(Signal y, std::int64_t hop) {
  Graph& g = *y.graph;
  const Signal ticks = sin(1.3 * tick_frame(g, hop)) + 0.2;
  return ops::time_sum(sum_to((y + 0.5 * y * y) * dgen::testing::weights(g, g[y.id].type.shape) * ticks, {}));
}

void expect_gradients(Graph& g, Signal loss, double tolerance) {
  const auto in = dgen::testing::random_input(3, g.inputs(), frames);
  const std::vector<int> params(g.params().begin(), g.params().end());
  double largest = 0;
  for (const int param : params) {
    const Comparison c = dgen::testing::compare_gradient(g, loss, param, in, frames);
    if (std::fabs(c.difference - c.other_step) > 1e-6 * std::fmax(1, std::fabs(c.difference))) continue;  // a jump between
    EXPECT_NEAR(c.exact, c.difference, tolerance * std::fmax(1, std::fabs(c.difference))) << g[param].attributes.param->name;
    largest = std::fmax(largest, std::fabs(c.difference));
  }
  EXPECT_GT(largest, 1e-2) << "a gradient of nothing shows nothing";
}

TEST_P(EveryTensorOp, HasTheGradientOfItsDifferences) {
  if (!GetParam()->differentiable) return;
  for (const std::int64_t hop : {1, 7}) {
    Graph g;
    expect_gradients(g, weighed(GetParam()->make(dgen::testing::tick_inputs(g, GetParam()->shapes, hop)), hop), 2e-8);
  }
}

TEST_P(EveryTensorOp, HasSecondDerivatives) {
  if (!GetParam()->differentiable) return;
  Graph g;
  const Signal loss = weighed(GetParam()->make(dgen::testing::tick_inputs(g, GetParam()->shapes, 9)), 9);
  std::vector<Signal> by;
  for (const int id : g.params()) by.push_back({&g, id});
  Signal total{};
  int k = 1;
  for (const Signal d : gradient(loss, by).of) {
    if (d) total = total ? total + (0.5 * k++) * d : d;
  }
  ASSERT_TRUE(total);
  expect_gradients(g, total, 1e-6);
}

TEST_P(EveryTensorOp, GivesTheSameOfEveryClock) {
  // Of constants it is folded; of frames and ticks it is computed.
  Graph g;
  std::vector<Signal> fixed, moving;
  for (const Shape& shape : GetParam()->shapes) {
    fixed.push_back(dgen::testing::weights(g, shape));
    moving.push_back(fixed.back() + 0.0 * g.input());
  }
  const Signal y = GetParam()->make(fixed), z = GetParam()->make(moving);
  EXPECT_EQ(g[y.id].type.clock, Clock::constant);
  EXPECT_EQ(g[z.id].type.clock, Clock::frame);
  EXPECT_EQ(g[y.id].type.shape, g[z.id].type.shape);
  const Signal difference = time_mean(sum_to(abs(y - z), {})), size = time_mean(sum_to(abs(y + 0.0 * g.input()), {}));
  const std::vector<Signal> wanted{difference, size};
  const auto values = SegmentInterpreter(g, wanted, 48000).evaluate(dgen::testing::random_input(1, 1, 3), 3);
  EXPECT_EQ(values[0][0], 0);
  EXPECT_GT(values[1][0], 0);
}

std::vector<const TensorCase*> cases() {
  std::vector<const TensorCase*> all;
  for (const TensorCase& one : dgen::testing::tensor_cases()) all.push_back(&one);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Ops, EveryTensorOp, ::testing::ValuesIn(cases()),
                         [](const auto& one) { return std::string(one.param->name); });

TEST(TensorCases, UseEveryRecord) {
  std::set<const OpDef*> used;
  for (const TensorCase& one : dgen::testing::tensor_cases()) {
    Graph g;
    const Signal loss = weighed(one.make(dgen::testing::tick_inputs(g, one.shapes, 2)), 2);
    gradient(loss, std::vector<Signal>{{&g, g.params()[0]}});
    for (const Node& node : g.nodes()) used.insert(node.op);
  }
  for (const OpDef* op : all_ops()) {
    EXPECT_TRUE(!has_tensor_elements(op->kind) || used.contains(op)) << op->name << " has no case";
  }
}

}  // namespace

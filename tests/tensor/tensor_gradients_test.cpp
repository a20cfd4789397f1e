// Gradients of tensor ops against five-point central differences of the loss in double, in magnitude.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "dgen/compare.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/spectral.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "support/differences.h"
#include "support/random_tensors.h"

namespace {

using namespace dgen;
using dgen::testing::Comparison;

constexpr std::int64_t frames = 47;

Signal weighted_loss(Graph& g) {
  Signal loss{};
  int seed = 900;
  for (const Output& output : g.outputs()) {
    const Signal part = ops::time_sum(Signal{&g, output.node} * noise(g, seed++));
    loss = loss ? loss + part : part;
  }
  return loss;
}

/// Every parameter's gradient of the sum of products of y's elements with fixed weights.
void expect_gradient(Graph& g, Signal loss) {
  const auto in = dgen::testing::random_input(7, g.inputs(), frames);
  const std::vector<int> params(g.params().begin(), g.params().end());
  for (const int param : params) {
    const Comparison c = dgen::testing::compare_gradient(g, loss, param, in, frames);
    EXPECT_NEAR(c.exact, c.difference, 1e-8 * std::fmax(1, std::fabs(c.difference))) << g[param].attributes.param->name;
    EXPECT_GT(std::fabs(c.difference), 1e-3) << "a gradient of nothing shows nothing";
  }
}

/// A frame signal that depends on two parameters.
Signal source(Graph& g) { return g.input() * g.param("gain", 0.7) + sin(frame_index(g) * g.param("rate", 0.3)); }

/// Different weights for every tick and element.
Signal weigh(Signal x, std::int64_t hop) {
  Graph& g = *x.graph;
  Signal weights = sin(1.3 * tick_frame(g, hop));
  const Shape shape = g[x.id].type.shape;
  std::vector<double> each;
  for (std::int64_t k = 0; k < shape.elements(); ++k) each.push_back(std::cos(0.7 * static_cast<double>(k)));
  return ops::time_sum(sum_to(x * x * tensor(g, each, shape) * weights, {}) + sum_to(x, {}));
}

TEST(TensorGradients, OfWindows) {
  for (const std::int64_t hop : {1, 3, 8}) {
    Graph g;
    expect_gradient(g, weigh(window(source(g), 5, hop), hop));
  }
}

TEST(TensorGradients, OfOverlapAdd) {
  for (const std::int64_t hop : {1, 3, 8}) {
    Graph g;
    const Signal y = overlap_add(window(source(g), 5, hop) * tensor(g, {1, -2, 3, 0.5, 0.25}) * g.param("weight", 1.5));
    expect_gradient(g, ops::time_sum(y * y * noise(g, 3)));
  }
}

TEST(TensorGradients, OfHold) {
  Graph g;
  const Signal y = hold(sum(window(source(g), 4, 5))) * cos(frame_index(g) * g.param("other", 0.2));
  expect_gradient(g, ops::time_sum(y * y * noise(g, 3)));
}

TEST(TensorGradients, OfShapes) {
  Graph g;
  const Signal x = window(source(g), 6, 2);
  const Signal square = reshape(x, extents({2, 3}));
  const Signal y = square * reshape(sum(square), extents({2, 1})) + expand(sum(x), extents({2, 3})) + mean(x);
  expect_gradient(g, weigh(y, 2));
}

TEST(TensorGradients, OfAMatrixAndWhatItMultiplies) {
  Graph g;
  const Signal x = window(source(g), 3, 2);
  const Signal learnt = tensor(g, std::vector<double>{1, 2, 3, 4, 5, 6}, extents({2, 3})) * g.param("weights", 0.3);
  const Signal y =
      linear(reshape(linear(x, learnt), extents({2, 1})), tensor(g, std::vector<double>{0.5, -1, 2}, extents({3, 1})));
  expect_gradient(g, weigh(y, 2));
}

TEST(TensorGradients, OfTensorHistories) {
  Graph g;
  const Signal state = ops::cell(tensor(g, {0.5, -1}) * g.param("start", 0.8));
  g.close(state, state * tensor(g, {0.9, -0.8}) * g.param("keep", 0.97) + tanh(g.input()));
  expect_gradient(g, ops::time_sum(sum(state * state * tensor(g, {1, 3})) * noise(g, 3)));
}

TEST(TensorGradients, OfABranchThatIsNotTakenAreZero) {
  Graph g;
  const Signal x = window(g.param("gain", 0.0) * g.input(), 3, 2);
  const Signal y = select(gt(abs(x), 0.0), sqrt(abs(x)), x);
  const Signal loss = ops::time_sum(sum(y));
  const std::array<Signal, 1> by{Signal{&g, g.params()[0]}};
  const Gradient d = gradient(loss, by);
  const auto in = dgen::testing::random_input(7, 1, frames);
  EXPECT_TRUE(std::isfinite(SegmentInterpreter(g, d.of, 48000).evaluate(in, frames)[0][0]));
}

TEST(TensorGradients, OfTheSecondOrder) {
  Graph g;
  const Signal y = overlap_add(
      tanh(linear(window(source(g), 4, 2), tensor(g, std::vector<double>{1, 2, -1, 0.5, 0, 1, 1, -2}, extents({2, 4})))));
  const Signal loss = ops::time_sum(y * y * noise(g, 3));
  const std::array<Signal, 1> by{Signal{&g, g.params()[0]}};
  expect_gradient(g, gradient(loss, by).of[0] + 0.0);
}

TEST(TensorGradients, OfInputsAreOneNumberAFrame) {
  Graph g;
  const Signal x = g.input();
  const Signal loss = ops::time_sum(sum(window(x, 3, 2) * tensor(g, {1, 10, 100})));
  const Gradient d = gradient(loss, std::span(&x, 1));
  EXPECT_EQ(SegmentInterpreter(g, d.of, 48000).evaluate({}, 6)[0], (std::vector<double>{101, 10, 101, 10, 100, 0}));
}

TEST(TensorGradients, OfRandomGraphs) {
  int entries = 0, skipped = 0;
  double worst = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    auto random = dgen::testing::random_tensors(seed, false);
    Graph& g = *random.graph;
    const Signal loss = weighted_loss(g);
    const auto in = dgen::testing::random_input(seed, g.inputs(), frames);
    const std::vector<int> params(g.params().begin(), g.params().end());
    std::vector<Comparison> all;
    double largest = 1;
    for (const int param : params) {
      all.push_back(dgen::testing::compare_gradient(g, loss, param, in, frames));
      largest = std::fmax(largest, std::fabs(all.back().difference));
    }
    for (const Comparison& c : all) {
      ++entries;
      if (std::fabs(c.difference - c.other_step) > 3e-7 * largest) {
        ++skipped;
        continue;
      }
      worst = std::fmax(worst, std::fabs(c.exact - c.difference) / largest);
      ASSERT_NEAR(c.exact, c.difference, 1e-6 * largest) << to_text(random);
    }
  }
  std::printf("%d gradients, %d skipped because two steps disagree, worst error %.2g\n", entries, skipped, worst);
  EXPECT_LE(skipped, entries / 20);
}

TEST(TensorGradients, OfEveryElementOfLearntMatrices) {
  Graph g;
  const Signal x = reshape(window(source(g), 6, 3), extents({2, 3}));
  const Signal first = g.param("first", extents({4, 3}), initial::XavierNormal{.seed = 1});
  const Signal bias = g.param("bias", extents({4}), initial::Normal{.deviation = 0.3});
  const Signal second = g.param("second", extents({4, 4}), initial::Orthogonal{.seed = 2}) * g.param("scale", 0.9);
  const Signal y = linear(tanh(linear(x, first) + bias), second);
  const Signal loss = weigh(y, 3) + 0.1 * sum(sum(second * linear(second, tanh(second)))) + sum(sum(outer(bias, bias + 1.0)));
  const auto in = dgen::testing::random_input(7, g.inputs(), frames);
  const std::vector<int> params(g.params().begin(), g.params().end());
  for (const int param : params) {
    for (std::int64_t e = 0; e < g[param].type.shape.elements(); ++e) {
      const Comparison c = dgen::testing::compare_gradient(g, loss, param, in, frames, 48000, static_cast<std::size_t>(e));
      EXPECT_NEAR(c.exact, c.difference, 1e-8 * std::fmax(1, std::fabs(c.difference))) << g[param].attributes.param->name << e;
      EXPECT_GT(std::fabs(c.difference), 1e-4) << "a gradient of nothing shows nothing";
    }
  }
}

}  // namespace

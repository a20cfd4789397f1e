// Activations against their formulas, and where a formula written down plainly would overflow.

#include "dgen/activations.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/segment.h"
#include "dgen/tensor.h"
#include "support/expect_error.h"

namespace {

using namespace dgen;
using Numbers = std::vector<double>;

Numbers values_of(Signal x) { return SegmentInterpreter(*x.graph, std::span(&x, 1), 48000).evaluate({}, 1)[0]; }

Numbers gradient_of(Signal y, Signal x) { return values_of(gradient(sum(y), std::span(&x, 1)).of[0]); }

TEST(Activations, HaveTheValuesOfTheirFormulas) {
  Graph g;
  const Signal x = tensor(g, {-1, 0, 2}) * g.param("one", 1);
  const Numbers half = values_of(gelu(x)), positive = values_of(sigmoid(x)), smooth = values_of(softplus(x));
  EXPECT_EQ(values_of(relu(x)), (Numbers{0, 0, 2}));
  EXPECT_EQ(gradient_of(relu(x), x), (Numbers{0, 0, 1}));
  const Numbers expected{-0.15880800939172324, 0, 1.954597694087775};  // PyTorch 2, approximate='tanh', in double
  for (std::size_t k = 0; k < 3; ++k) {
    const double at = Numbers{-1, 0, 2}[k];
    EXPECT_NEAR(half[k], expected[k], 1e-12);
    EXPECT_NEAR(positive[k], 1 / (1 + std::exp(-at)), 1e-15);
    EXPECT_NEAR(smooth[k], std::log(1 + std::exp(at)), 1e-15);
  }
}

TEST(Activations, StayFiniteWhereExponentialsOverflow) {
  Graph g;
  const Signal x = tensor(g, {-2000, 2000, 1990}) * g.param("one", 1);
  EXPECT_EQ(values_of(sigmoid(x)), (Numbers{0, 1, 1}));
  EXPECT_EQ(values_of(softplus(x)), (Numbers{0, 2000, 1990}));
  EXPECT_EQ(gradient_of(sigmoid(x), x), (Numbers{0, 0, 0}));
  EXPECT_EQ(gradient_of(softplus(x), x), (Numbers{0, 1, 1}));
  const double rest = std::exp(-10) / (1 + std::exp(-10));
  const Numbers shares = values_of(softmax(x)), logarithms = values_of(log_softmax(x));
  EXPECT_NEAR(shares[1], 1 - rest, 1e-15);
  EXPECT_NEAR(shares[2], rest, 1e-18);
  EXPECT_NEAR(logarithms[0], -4000 + std::log(1 - rest), 1e-12);
  for (const double d : gradient_of(log_softmax(x) * tensor(g, {1, 2, 3}), x)) EXPECT_TRUE(std::isfinite(d));
}

TEST(Activations, NormaliseAlongTheirAxis) {
  Graph g;
  const Signal x = tensor(g, Numbers{1, 2, 3, 6, 9, 12}, extents({2, 3}));
  const double unit = std::sqrt(1.5);
  const Numbers normal = values_of(layer_norm(x, 0.0)), shares = values_of(softmax(x, 0.0));
  for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(normal[k], Numbers({-unit, 0, unit, -unit, 0, unit})[k], 1e-12);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(shares[k] + shares[k + 3], 1, 1e-15);
  expect_error(ErrorCode::bad_value, "softmax: tensor is constant [2, 3]; there is no axis 2", [&] { softmax(x, 2.0); });
  expect_error(ErrorCode::bad_value, "layer_norm: in1 is frame; there is no axis -1", [&] { layer_norm(g.input()); });
}

}  // namespace

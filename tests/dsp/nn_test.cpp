// Layers against the formulas of torch.nn, written out.

#include "dgen/nn.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include "dgen/interpreter.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "support/expect_error.h"

namespace {

using namespace dgen;
using Values = std::vector<double>;

Values values_of(Signal param) {
  const ParamInfo& info = *(*param.graph)[param.id].attributes.param;
  return *info.values;
}

/// The elements of a node after `frames` frames without input.
Values after(Graph& g, Signal y, std::int64_t frames = 1) {
  Interpreter run(g, 48000);
  std::vector<Values> out;
  run.process({}, out, frames);
  const std::span<const double> elements = run.elements(y.id);
  return {elements.begin(), elements.end()};
}

Values product(const Values& matrix, const Values& x) {
  Values y(matrix.size() / x.size());
  for (std::size_t o = 0; o < y.size(); ++o) {
    for (std::size_t i = 0; i < x.size(); ++i) y[o] += matrix[o * x.size() + i] * x[i];
  }
  return y;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

TEST(Nn, MlpIsLayersWithActivationsBetween) {
  Graph g;
  const nn::Mlp network =
      nn::mlp(g, "net", std::array{2, 3, 2}, {.hidden = nn::Activation::relu, .output = nn::Activation::sigmoid});
  ASSERT_EQ(g.params().size(), 4u);
  EXPECT_EQ(g[g.params()[2]].attributes.param->name, "net.1.weight");
  const Signal y = network(tensor(g, {0.5, -2}));
  Values hidden = product(values_of(network.layers[0].weight), {0.5, -2});
  for (double& v : hidden) v = std::fmax(v, 0);
  Values expected = product(values_of(network.layers[1].weight), hidden);
  const Values actual = after(g, y);
  for (std::size_t k = 0; k < 2; ++k) EXPECT_NEAR(actual[k], sigmoid(expected[k]), 1e-12);
}

TEST(Nn, ActivationsAreTheirFormulas) {
  const Values at{-30, -1, 0, 0.5, 40};
  const auto expect = [&](nn::Activation activation, double (*formula)(double)) {
    Graph g;
    const Values y = after(g, nn::activate(1.0 * tensor(g, at, extents({5})), activation));
    for (std::size_t k = 0; k < at.size(); ++k) EXPECT_NEAR(y[k], formula(at[k]), 1e-12) << at[k];
  };
  expect(nn::Activation::relu, [](double x) { return std::fmax(x, 0); });
  expect(nn::Activation::leaky_relu, [](double x) { return std::fmax(x, 0.01 * x); });
  expect(nn::Activation::sigmoid, [](double x) { return sigmoid(x); });
  expect(nn::Activation::softplus, [](double x) { return std::log1p(std::exp(x)); });
  expect(nn::Activation::silu, [](double x) { return x * sigmoid(x); });
}

TEST(Nn, GruStepsAsInTorch) {
  Graph g;
  const nn::GruCell cell = nn::gru_cell(g, "gru", 2, 3, 7);
  const Signal frame = frame_index(g);
  const Signal y = cell.run(frame * tensor(g, {0.1, -0.2}) + tensor(g, {0.3, 0.4}));
  Values state(3, 0.0);
  for (int n = 0; n < 5; ++n) {
    const Values x{0.1 * n + 0.3, -0.2 * n + 0.4};
    const Values wx = product(values_of(cell.weight_ih), x), wh = product(values_of(cell.weight_hh), state);
    const Values bx = values_of(cell.bias_ih), bh = values_of(cell.bias_hh);
    for (std::size_t u = 0; u < 3; ++u) {
      const double reset = sigmoid(wx[u] + bx[u] + wh[u] + bh[u]);
      const double keep = sigmoid(wx[u + 3] + bx[u + 3] + wh[u + 3] + bh[u + 3]);
      const double candidate = std::tanh(wx[u + 6] + bx[u + 6] + reset * (wh[u + 6] + bh[u + 6]));
      state[u] = (1 - keep) * candidate + keep * state[u];
    }
  }
  const Values actual = after(g, y, 5);
  for (std::size_t u = 0; u < 3; ++u) EXPECT_NEAR(actual[u], state[u], 1e-12);
}

TEST(Nn, ConvStackKeepsTheLength) {
  Graph g;
  const std::array<nn::ConvLayer, 2> layers{nn::ConvLayer{.channels = 3, .size = 5}, nn::ConvLayer{.channels = 1, .size = 3}};
  const nn::ConvStack stack = nn::conv_stack(g, "conv", 2, layers, {.seed = 1});
  const Signal y = stack(1.0 * tensor(g, Values{1, 2, 3, 4, 5, 6, 7, 8}, extents({2, 4})));
  EXPECT_EQ(to_string(g[y.id].type.shape), "[1, 4]");
  const Values first = values_of(stack.kernels[0]), second = values_of(stack.kernels[1]);
  double expected = 0;  // at place 1
  for (std::size_t c = 0; c < 3; ++c) {
    for (int k = 0; k < 3; ++k) {
      double hidden = 0;
      for (std::size_t i = 0; i < 2; ++i) {
        for (int j = 0; j < 5; ++j) {
          const int place = k + j - 2;
          if (place >= 0 && place < 4)
            hidden += first[(c * 2 + i) * 5 + static_cast<std::size_t>(j)] * (4.0 * static_cast<double>(i) + place + 1);
        }
      }
      expected += second[c * 3 + static_cast<std::size_t>(k)] * std::fmax(hidden, 0);
    }
  }
  EXPECT_NEAR(after(g, y)[1], expected, 1e-12);
}

TEST(Nn, SaysWhichSizeIsWrong) {
  Graph g;
  for (const auto& wrong :
       std::vector<std::function<void()>>{[&] { nn::linear(g, "one", 0, 2); }, [&] { nn::mlp(g, "some", std::array{2}); },
                                          [&] { nn::gru_cell(g, "cell", 0, 2); }, [&] { nn::conv_stack(g, "conv", 1, {}); },
                                          [&] { nn::activate(Signal{}, nn::Activation::relu); }}) {
    expect_error(ErrorCode::bad_value, "(nn_test.cpp:", wrong);
  }
  expect_error(ErrorCode::bad_value, "'net.0' (nn_test.cpp:", [&] { nn::mlp(g, "net", std::array{2, 0}); });
  expect_error(ErrorCode::bad_value, ") has 0 outputs", [&] { nn::mlp(g, "net", std::array{2, 0}); });
  expect_error(ErrorCode::bad_value, "needs a number of inputs", [&] { nn::mlp(g, "net", std::array{2}); });
  expect_error(ErrorCode::bad_value, ") has -1 units", [&] { nn::gru_cell(g, "gru", 2, -1); });
  const nn::Linear layer = nn::linear(g, "layer", 2, 3);
  expect_error(ErrorCode::bad_type, "layer.weight (nn_test.cpp:", [&] { layer(tensor(g, {1, 2, 3})); });
  expect_error(ErrorCode::bad_type, "linear (nn_test.cpp:", [&] { layer(tensor(g, {1, 2, 3})); });
  expect_error(ErrorCode::duplicate_name, "first at layer.weight (nn_test.cpp:", [&] { nn::linear(g, "layer", 2, 3); });
}

}  // namespace

// Tensor parameters: their initial values, and what is refused.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "dgen/graph.h"
#include "support/expect_error.h"

namespace {

using namespace dgen;

double mean(const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size()); }
double deviation(const std::vector<double>& x) {
  const double middle = mean(x);
  double sum = 0;
  for (const double v : x) sum += (v - middle) * (v - middle);
  return std::sqrt(sum / static_cast<double>(x.size()));
}

TEST(TensorParam, IsOneNodeWithOneInfo) {
  Graph g;
  const Signal w = g.param("weight", extents({2, 3}), initial::Values{{1, 2, 3, 4, 5, 6}}, {.min = 0, .max = 10});
  ASSERT_EQ(g.params().size(), 1u);
  const ParamInfo& info = *g[w.id].attributes.param;
  EXPECT_EQ(to_string(g[w.id].type), "control [2, 3]");
  EXPECT_EQ(info.elements(), 6);
  EXPECT_EQ(info.initial, 1);
  EXPECT_EQ(info.initial_of(4), 5);
  EXPECT_EQ(info.max, 10);
}

TEST(TensorParam, BeginsAlikeForOneSeedAndName) {
  const Shape shape = extents({40, 50});
  const auto values = [&](std::uint64_t seed, const char* name) {
    return initial_values(initial::Normal{.seed = seed}, shape, name);
  };
  EXPECT_EQ(values(1, "a"), values(1, "a"));
  EXPECT_NE(values(1, "a"), values(2, "a"));
  EXPECT_NE(values(1, "a"), values(1, "b"));
}

/// Bounds: five standard errors of 20000 numbers.
TEST(TensorParam, HasTheSpreadItsInitialiserSays) {
  const Shape shape = extents({100, 200});
  const auto normal = initial_values(initial::Normal{.mean = 3, .deviation = 2, .seed = 5}, shape, "w");
  EXPECT_NEAR(mean(normal), 3, 0.07);
  EXPECT_NEAR(deviation(normal), 2, 0.05);
  const auto uniform = initial_values(initial::Uniform{.low = 1, .high = 4}, shape, "w");
  EXPECT_NEAR(mean(uniform), 2.5, 0.03);
  EXPECT_GE(*std::ranges::min_element(uniform), 1);
  EXPECT_LT(*std::ranges::max_element(uniform), 4);
  const double bound = std::sqrt(6.0 / 300);
  const auto xavier = initial_values(initial::XavierUniform{}, shape, "w");
  EXPECT_NEAR(*std::ranges::max_element(xavier), bound, 0.01 * bound);
  EXPECT_NEAR(deviation(xavier), bound / std::sqrt(3.0), 0.01 * bound);
  EXPECT_NEAR(deviation(initial_values(initial::XavierNormal{.gain = 2}, shape, "w")), 2 * std::sqrt(2.0 / 300), 0.004);
  const auto kernel = initial_values(initial::XavierUniform{}, extents({10, 20, 7}), "w");  // 7 taps are inputs and outputs
  EXPECT_NEAR(*std::ranges::max_element(kernel), std::sqrt(6.0 / 210), 0.01);
}

TEST(TensorParam, BeginsOrthogonal) {
  for (const Shape& shape : {extents({5, 9}), extents({9, 5}), extents({4, 4}), extents({3, 2, 5})}) {
    const std::vector<double> w = initial_values(initial::Orthogonal{.gain = 2, .seed = 3}, shape, "w");
    const auto rows = static_cast<std::size_t>(shape.extent[0]), columns = w.size() / rows;
    const bool by_rows = rows <= columns;
    const std::size_t count = std::min(rows, columns), length = std::max(rows, columns);
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = 0; b < count; ++b) {
        double dot = 0;
        for (std::size_t k = 0; k < length; ++k)
          dot += by_rows ? w[a * columns + k] * w[b * columns + k] : w[k * columns + a] * w[k * columns + b];
        EXPECT_NEAR(dot, a == b ? 4 : 0, 1e-12);
      }
    }
  }
}

TEST(TensorParam, SaysWhatDoesNotFit) {
  Graph g;
  const Shape matrix = extents({2, 3});
  expect_error(ErrorCode::bad_value, "5 initial values for 6 elements", [&] {
    g.param("w", matrix, initial::Values{{1, 2, 3, 4, 5}});
  });
  expect_error(ErrorCode::bad_value, "initial value 4.000000 of element 3 is outside its range", [&] {
    g.param("w", matrix, initial::Values{{1, 2, 3, 4, 5, 6}}, {.max = 3.5});
  });
  expect_error(ErrorCode::bad_type, "needs outputs and inputs", [&] { g.param("w", extents({4}), initial::Orthogonal{}); });
  expect_error(ErrorCode::bad_value, "deviation of its initialiser is negative",
               [&] { g.param("w", matrix, initial::Normal{.deviation = -1}); });
  expect_error(ErrorCode::bad_value, "is empty", [&] { g.param("w", matrix, initial::Uniform{.low = 2, .high = 1}); });
  expect_error(ErrorCode::limit_exceeded, "16777216", [&] { g.param("w", extents({5000, 5000}), initial::Constant{}); });
  g.param("w", matrix, initial::Constant{1});
  expect_error(ErrorCode::duplicate_name, "declared twice", [&] { g.param("w", 0); });
}

}  // namespace

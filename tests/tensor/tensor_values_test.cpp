// What the ops on tensors compute, by hand.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "dgen/axes.h"
#include "dgen/gradient.h"
#include "dgen/indexing.h"
#include "dgen/math.h"
#include "dgen/products.h"
#include "dgen/segment.h"
#include "dgen/tensor.h"
#include "dgen/views.h"

namespace {

using namespace dgen;
using Numbers = std::vector<double>;

/// first, first + 1, …
Signal counted(Graph& g, const Shape& shape, double first = 0) {
  Numbers each(static_cast<std::size_t>(shape.elements()));
  std::iota(each.begin(), each.end(), first);
  return tensor(g, each, shape);
}

Numbers values_of(Signal x) { return SegmentInterpreter(*x.graph, std::span(&x, 1), 48000).evaluate({}, 1)[0]; }
Shape shape_of(Signal x) { return (*x.graph)[x.id].type.shape; }

TEST(Views, MoveElements) {
  Graph g;
  const Signal x = counted(g, extents({2, 3}));
  EXPECT_EQ(values_of(transpose(x)), (Numbers{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(shape_of(transpose(x)), extents({3, 2}));
  EXPECT_EQ(shape_of(permute(counted(g, extents({2, 3, 4})), {2, 0, 1})), extents({4, 2, 3}));
  EXPECT_EQ(values_of(permute(counted(g, extents({1, 2, 3})), {1, 2, 0})), values_of(x));
  EXPECT_EQ(values_of(slice(x, 1, {.begin = 1})), (Numbers{1, 2, 4, 5}));
  EXPECT_EQ(values_of(slice(x, -1, {.begin = -3, .end = -1, .step = 2})), (Numbers{0, 3}));
  EXPECT_EQ(values_of(element(x, 0, 1)), (Numbers{3, 4, 5}));
  EXPECT_EQ(shape_of(element(x, 0, -1)), extents({3}));
  EXPECT_EQ(values_of(pad(x, 1, 1, 2)), (Numbers{0, 0, 1, 2, 0, 0, 0, 3, 4, 5, 0, 0}));
  EXPECT_EQ(values_of(flip(x)), (Numbers{2, 1, 0, 5, 4, 3}));
  EXPECT_EQ(values_of(flip(x, {0, 1})), (Numbers{5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(values_of(repeat(element(x, 0, 0), 0, 2)), (Numbers{0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(values_of(tile(element(x, 0, 0), 0, 2)), (Numbers{0, 1, 2, 0, 1, 2}));
}

TEST(Views, PutValuesBehindOneAnother) {
  Graph g;
  const Signal a = counted(g, extents({2, 1})), b = counted(g, extents({2, 2}), 10);
  EXPECT_EQ(values_of(concat(std::array{a, b}, 1)), (Numbers{0, 10, 11, 1, 12, 13}));
  EXPECT_EQ(values_of(concat(std::array{b, b}, 0)), (Numbers{10, 11, 12, 13, 10, 11, 12, 13}));
  EXPECT_EQ(values_of(stack(std::array{b, b}, -1)), (Numbers{10, 10, 11, 11, 12, 12, 13, 13}));
  EXPECT_EQ(shape_of(stack(std::array{b, b, b}, 1)), extents({2, 3, 2}));
  EXPECT_EQ(values_of(stack(std::array{g.constant(3), g.constant(4)}, 0)), (Numbers{3, 4}));
}

TEST(Axes, AreSummedAndMultiplied) {
  Graph g;
  const Signal x = counted(g, extents({2, 3, 2}), 1);
  EXPECT_EQ(values_of(sum(x, 0)), (Numbers{8, 10, 12, 14, 16, 18}));
  EXPECT_EQ(values_of(sum(x, {0, -1})), (Numbers{18, 26, 34}));
  EXPECT_EQ(shape_of(sum(x, {0, -1}, Reduced::kept)), extents({1, 3, 1}));
  EXPECT_EQ(values_of(mean(x, {0, 1, 2})), (Numbers{6.5}));
  EXPECT_EQ(values_of(prod(x, 1)), (Numbers{15, 48, 693, 960}));
  EXPECT_EQ(values_of(prod(x, {0, 2})), (Numbers{112, 1080, 3960}));
  EXPECT_EQ(values_of(cumsum(x, 1)), (Numbers{1, 2, 4, 6, 9, 12, 7, 8, 16, 18, 27, 30}));
  EXPECT_EQ(values_of(cumprod(element(x, 0, 0), 0)), (Numbers{1, 2, 3, 8, 15, 48}));
  EXPECT_EQ(values_of(cumulate(tensor(g, {1, 1, 1}), tensor(g, {9, 2, 3}))), (Numbers{1, 3, 10}));
}

TEST(Axes, HaveLargestAndSmallestElements) {
  Graph g;
  const Signal x = tensor(g, Numbers{3, 1, 3, -2, 5, 5}, extents({2, 3}));
  EXPECT_EQ(values_of(max_over(x)), (Numbers{3, 5}));
  EXPECT_EQ(values_of(max_over(x, {0, 1})), (Numbers{5}));
  EXPECT_EQ(values_of(min_over(x, 0)), (Numbers{-2, 1, 3}));
  EXPECT_EQ(values_of(argmax(x)), (Numbers{0, 1}));
  EXPECT_EQ(values_of(argmin(x, 0)), (Numbers{1, 0, 0}));
  EXPECT_EQ(shape_of(argmax(x, 0, Reduced::kept)), extents({1, 3}));
}

TEST(Products, OfMatricesAndBatches) {
  Graph g;
  const Signal a = counted(g, extents({2, 3})), b = counted(g, extents({3, 2}), 1);
  EXPECT_EQ(values_of(matmul(a, b)), (Numbers{13, 16, 40, 52}));
  const Signal batch = counted(g, extents({2, 1, 1, 3}));
  EXPECT_EQ(shape_of(matmul(batch, counted(g, extents({5, 3, 4})))), extents({2, 5, 1, 4}));
  EXPECT_EQ(values_of(matmul(batch, b)), (Numbers{13, 16, 40, 52}));
  EXPECT_EQ(values_of(outer(tensor(g, {1, 2}), tensor(g, {3, 4, 5}))), (Numbers{3, 4, 5, 6, 8, 10}));
}

TEST(Convolutions, SeeWhatTheirOptionsSay) {
  Graph g;
  const Signal x = tensor(g, Numbers{1, 2, 3, 4, 5}, extents({1, 5}));
  const Signal kernel = tensor(g, Numbers{1, 10, 100}, extents({1, 1, 3}));
  EXPECT_EQ(values_of(conv1d(x, kernel)), (Numbers{321, 432, 543}));
  EXPECT_EQ(values_of(conv1d(x, kernel, {.pad = Pad::same})), (Numbers{210, 321, 432, 543, 54}));
  EXPECT_EQ(values_of(conv1d(x, kernel, {.stride = 2, .pad = Pad::same})), (Numbers{210, 432, 54}));
  EXPECT_EQ(values_of(conv1d(x, kernel, {.dilation = 2})), (Numbers{531}));
  EXPECT_EQ(values_of(conv1d(x, kernel, {.pad = Pad::given, .padding = 2})), (Numbers{100, 210, 321, 432, 543, 54, 5}));
  const Signal image = counted(g, extents({2, 3, 3}));
  const Signal corners = tensor(g, Numbers{1, 0, 0, 1, 0, 0, 0, 100}, extents({1, 2, 2, 2}));
  EXPECT_EQ(values_of(conv2d(image, corners)), (Numbers{1304, 1406, 1610, 1712}));
}

TEST(Indices, TakeAndAdd) {
  Graph g;
  const Signal x = counted(g, extents({3, 2})), index = tensor(g, {2.7, -5, 9, 0});
  EXPECT_EQ(values_of(take(x, index, 0)), (Numbers{4, 5, 0, 1, 4, 5, 0, 1}));
  EXPECT_EQ(values_of(take(x, index, 0, Bound::zero)), (Numbers{4, 5, 0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(values_of(take(x, index, 1, Bound::wrap)), (Numbers{0, 1, 1, 0, 2, 3, 3, 2, 4, 5, 5, 4}));
  EXPECT_EQ(values_of(take(x, g.constant(1), 0)), (Numbers{2, 3}));
  EXPECT_EQ(values_of(take_along(x, tensor(g, Numbers{1, 0, 1}, extents({3, 1})), 1)), (Numbers{1, 2, 5}));
  EXPECT_EQ(values_of(scatter_add(tensor(g, {1, 10, 100, 1000}), index, 3)), (Numbers{1000, 0, 1}));
  EXPECT_EQ(values_of(scatter_add(tensor(g, {1, 10, 100, 1000}), index, 3, 0, Bound::clip)), (Numbers{1010, 0, 101}));
  EXPECT_EQ(values_of(one_hot(tensor(g, {1, 3, -1}), 3)), (Numbers{0, 1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(values_of(sample(tensor(g, {0, 10, 30}), tensor(g, {0.5, 1.25, 7}))), (Numbers{5, 15, 30}));
}

TEST(Products, OfZerosHaveExactGradients) {
  Graph g;
  const Signal x = tensor(g, {2, 0, 3, 5}) * g.param("one", 1);
  const Signal loss = prod(x), y = sum(cumprod(x) * tensor(g, {1, 10, 100, 1000}), 0);
  EXPECT_EQ(values_of(gradient(loss, std::span(&x, 1)).of[0]), (Numbers{0, 30, 0, 0}));
  // d/dx1 of 10 x0 x1 + 100 x0 x1 x2 + 1000 x0 x1 x2 x3 at x1 = 0
  EXPECT_EQ(values_of(gradient(y, std::span(&x, 1)).of[0]), (Numbers{1, 20 + 600 + 30000, 0, 0}));
}

TEST(Extrema, GiveTheirGradientToTheFirstOfEquals) {
  Graph g;
  const Signal x = tensor(g, {3, 7, 7, 1}) * g.param("one", 1), loss = max_over(x) - 2.0 * min_over(x);
  EXPECT_EQ(values_of(gradient(loss, std::span(&x, 1)).of[0]), (Numbers{0, 1, 0, -2}));
}

TEST(Views, AddUpWhatIsSeenMoreThanOnce) {
  Graph g;
  const Signal x = tensor(g, {1, 2}) * g.param("one", 1);
  const Signal loss = sum(tile(repeat(x, 0, 3), 0, 2) * tensor(g, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  EXPECT_EQ(values_of(gradient(loss, std::span(&x, 1)).of[0]), (Numbers{1 + 2 + 3 + 7 + 8 + 9, 4 + 5 + 6 + 10 + 11 + 12}));
}

}  // namespace

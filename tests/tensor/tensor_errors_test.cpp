// What does not fit: messages name the op, the call's place, the values and their shapes.

#include <gtest/gtest.h>

#include "dgen/axes.h"
#include "dgen/indexing.h"
#include "dgen/math.h"
#include "dgen/products.h"
#include "dgen/tensor.h"
#include "dgen/views.h"
#include "support/expect_error.h"

namespace {

using namespace dgen;

class TensorErrors : public ::testing::Test {
 protected:
  Graph g;
  Signal frames = g.name(window(g.input(), 8, 4), "spectrum");
  Signal matrix = tensor(g, std::vector<double>(6, 1.0), extents({2, 3}));
};

TEST_F(TensorErrors, OfAxesThatAreNotThere) {
  expect_error(ErrorCode::bad_value, "sum (tensor_errors_test.cpp:", [&] { sum(frames, 1); });
  expect_error(ErrorCode::bad_value, "spectrum is hop(4) [8]; there is no axis 1: it has axis 0, or -1", [&] { sum(frames, 1); });
  expect_error(ErrorCode::bad_value, "there is no axis -3: it has axes 0 … 1, or -1 … -2", [&] { flip(matrix, -3); });
  expect_error(ErrorCode::bad_value, "it is one number, without an axis", [&] { cumsum(g.input()); });
  expect_error(ErrorCode::bad_value, "an axis is named twice", [&] { mean(matrix, {0, -2}); });
  expect_error(ErrorCode::bad_value, "{0, 0} does not name each axis once", [&] { permute(matrix, {0, 0}); });
  expect_error(ErrorCode::bad_type, "at least two axes", [&] { transpose(frames); });
  expect_error(ErrorCode::bad_value, "takes a signal; it got a number", [&] { flip(3.0); });
}

TEST_F(TensorErrors, OfPartsThatAreNotThere) {
  expect_error(ErrorCode::bad_value, "elements 5 … before 2 of axis 0 are none",
               [&] { slice(frames, 0, {.begin = 5, .end = 2}); });
  expect_error(ErrorCode::bad_value, "the step is 0", [&] { slice(frames, 0, {.step = 0}); });
  expect_error(ErrorCode::bad_value, "axis 0 has no element 8", [&] { element(frames, 0, 8); });
  expect_error(ErrorCode::bad_value, "the padding is -1 and 0", [&] { pad(frames, 0, -1, 0); });
  expect_error(ErrorCode::bad_value, "the count is 0", [&] { repeat(frames, 0, 0); });
  expect_error(ErrorCode::limit_exceeded, "more than 268435456 elements", [&] { tile(frames, 0, 100000000); });
  expect_error(ErrorCode::bad_value, "it has no element 8", [&] { view(frames, extents({2}), {0, 8}); });
  expect_error(ErrorCode::bad_value, "names 1 elements for the shape [2]", [&] { view(frames, extents({2}), {0}); });
}

TEST_F(TensorErrors, OfShapesThatDoNotFit) {
  const Signal three = tensor(g, {1, 2, 3});
  expect_error(ErrorCode::bad_type, "[8] and [3] do not broadcast", [&] { frames* three; });
  expect_error(ErrorCode::bad_type, "all extents but that of axis 0 must be equal", [&] {
    concat(std::array{frames, matrix}, 0);
  });
  expect_error(ErrorCode::bad_type, "spectrum is [8]; all values have one shape", [&] { stack(std::array{frames, three}, 0); });
  expect_error(ErrorCode::bad_value, "there are no values", [&] { concat({}, 0); });
  expect_error(ErrorCode::bad_type, "its 3 columns do not meet the 2 rows of", [&] { matmul(matrix, matrix); });
  expect_error(ErrorCode::bad_type, "[2, 3]", [&] { matmul(matrix, matrix); });
  expect_error(ErrorCode::bad_type, "a matrix has at least two dimensions", [&] { matmul(matrix, three); });
  const Signal two = expand(matrix, extents({2, 2, 3})), five = expand(transpose(matrix), extents({5, 3, 2}));
  expect_error(ErrorCode::bad_type, "do not broadcast with those of", [&] { matmul(two, five); });
  expect_error(ErrorCode::bad_type, "takes [..., channels, n] and a kernel [outputs, channels, size] of as many channels",
               [&] { conv1d(matrix, matrix); });
  const Signal kernel = tensor(g, std::vector<double>(10, 1.0), extents({1, 2, 5}));
  expect_error(ErrorCode::bad_type, "the kernel reaches over 5 elements of an axis of 3 and 0 zeros",
               [&] { conv1d(matrix, kernel); });
  expect_error(ErrorCode::bad_value, "stride and dilation must be at least 1",
               [&] { conv1d(matrix, kernel, {.stride = 0, .pad = Pad::same}); });
  expect_error(ErrorCode::bad_type, "it must have as many dimensions as", [&] { take_along(matrix, three); });
  expect_error(ErrorCode::bad_type, "it must have the axes of the index, [3]", [&] { scatter_add(matrix, three, 4, 0); });
  expect_error(ErrorCode::bad_value, "the size is 0", [&] { one_hot(three, 0); });
  expect_error(ErrorCode::bad_value, "the order must be 0 (none), 1 (linear) or 3 (cubic), got 2",
               [&] { sample(three, g.constant(0), 2); });
}

TEST_F(TensorErrors, OfMoreElementsThanMemoryHolds) {
  const Signal one = reshape(frames, extents({1, 8})), kernel = tensor(g, {1, 2, 3});
  expect_error(ErrorCode::limit_exceeded, "conv1d (tensor_errors_test.cpp:", [&] {
    conv1d(one, reshape(kernel, extents({1, 1, 3})), {.pad = Pad::given, .padding = 2147483647});
  });
  expect_error(ErrorCode::limit_exceeded, "a value has at most 268435456 elements", [&] {
    expand(frames, extents({32768, 32768, 8}));
  });
  const Signal wide = window(g.input(), 1 << 20, 4);
  expect_error(ErrorCode::limit_exceeded, "outer: the result would be hop(4) [1048576, 1048576]", [&] { outer(wide, wide); });
}

TEST_F(TensorErrors, OfClocksAndOutputs) {
  const Signal other = window(g.input(), 8, 3);
  expect_error(ErrorCode::bad_type, "joins hops of 4 and 3 frames", [&] { concat(std::array{frames, other}); });
  expect_error(ErrorCode::bad_type, "concat (tensor_errors_test.cpp:", [&] { concat(std::array{frames, other}); });
  g.name(other, "others");
  expect_error(ErrorCode::bad_type, "stack (tensor_errors_test.cpp:", [&] { stack(std::array{frames, other}, 0); });
  expect_error(ErrorCode::bad_type, "joins hops of 4 and 3 frames (others)", [&] { stack(std::array{frames, other}, 0); });
  expect_error(ErrorCode::bad_type, "mul (tensor_errors_test.cpp:", [&] { frames* other; });
  expect_error(ErrorCode::bad_type, "joins hops of 4 and 3 frames", [&] { take(frames, other); });
  expect_error(ErrorCode::bad_type, "an audio output takes one signal", [&] { g.output(transpose(matrix)); });
  expect_error(ErrorCode::limit_exceeded, "it must be 1 … 1048576", [&] { window(g.input(), (1 << 20) + 1); });
  Graph elsewhere;
  expect_error(ErrorCode::mixed_graphs, "another graph", [&] { concat(std::array{frames, elsewhere.input()}); });
}

}  // namespace

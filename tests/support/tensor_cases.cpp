#include "support/tensor_cases.h"

#include <array>
#include <cmath>
#include <string>

#include "dgen/axes.h"
#include "dgen/indexing.h"
#include "dgen/math.h"
#include "dgen/products.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "dgen/views.h"

namespace dgen::testing {

namespace {

using X = std::span<const Signal>;

/// Indices that move, some of them outside 0 … size - 1.
Signal moving_index(Signal x, double size) { return size * 0.5 + size * 0.8 * x; }

std::vector<TensorCase> views() {
  return {
      {"permute",
       {extents({2, 3, 4})},
       [](X x) {
         return permute(x[0], {2, 0, 1});
       }},
      {"transpose", {extents({3, 5})}, [](X x) { return transpose(x[0]); }},
      {"slice", {extents({3, 17})}, [](X x) { return slice(x[0], -1, {.begin = 2, .end = -1, .step = 3}); }},
      {"element", {extents({3, 4})}, [](X x) { return element(x[0], 0, -1); }},
      {"part_of_a_part",
       {extents({4, 17})},
       [](X x) {
         const Signal rows = slice(x[0], 0, {.begin = 1}), row = element(rows, 0, 1);
         return row * row + element(rows, 0, 0);
       }},
      {"pad", {extents({2, 5})}, [](X x) { return pad(pad(x[0], 1, 2, 1), 0, 1, 0); }},
      {"concat",
       {extents({2, 3}), extents({2, 9})},
       [](X x) {
         return concat(std::array{x[0], x[1], x[0]}, 1);
       }},
      {"stack", {extents({20}), extents({20})}, [](X x) { return stack(x, 1); }},
      {"flip",
       {extents({2, 19})},
       [](X x) {
         return flip(x[0], {0, 1});
       }},
      {"repeat", {extents({2, 3})}, [](X x) { return repeat(x[0], 1, 3); }},
      {"tile", {extents({2, 3})}, [](X x) { return tile(x[0], 0, 2); }},
      {"view",
       {extents({4})},
       [](X x) {
         return view(x[0], extents({2, 3}), {3, -1, 0, 0, 2, 3});
       }},
  };
}

std::vector<TensorCase> along_axes() {
  return {
      {"sum",
       {extents({2, 3, 4})},
       [](X x) {
         return sum(x[0], {0, 2});
       }},
      {"mean", {extents({2, 3, 4})}, [](X x) { return mean(x[0], 1, Reduced::kept); }},
      {"prod", {extents({3, 4})}, [](X x) { return prod(x[0], 0); }},
      {"max_over",
       {extents({2, 3, 4})},
       [](X x) {
         return max_over(x[0], {0, 2});
       }},
      {"min_over", {extents({3, 9})}, [](X x) { return min_over(x[0]); }},
      {"argmax", {extents({3, 9})}, [](X x) { return argmax(x[0], 0); }, false},
      {"argmin", {extents({3, 9})}, [](X x) { return argmin(x[0]); }, false},
      {"cumsum", {extents({2, 5, 3})}, [](X x) { return cumsum(x[0], 1); }},
      {"cumprod", {extents({2, 7})}, [](X x) { return cumprod(1.5 * x[0]); }},
      {"cumulate", {extents({2, 5, 19}), extents({5, 1})}, [](X x) { return cumulate(x[0], x[1], 1); }},
  };
}

std::vector<TensorCase> products() {
  return {
      {"matmul", {extents({3, 5}), extents({5, 7})}, [](X x) { return matmul(x[0], x[1]); }},
      {"matmul_of_batches", {extents({2, 1, 3, 4}), extents({3, 4, 17})}, [](X x) { return matmul(x[0], x[1]); }},
      {"conv1d", {extents({2, 11}), extents({3, 2, 3})}, [](X x) { return conv1d(x[0], x[1]); }},
      {"conv1d_same",
       {extents({2, 2, 11}), extents({3, 2, 4})},
       [](X x) { return conv1d(x[0], x[1], {.stride = 2, .dilation = 2, .pad = Pad::same}); }},
      {"conv2d",
       {extents({2, 5, 6}), extents({2, 2, 3, 2})},
       [](X x) { return conv2d(x[0], x[1], {.stride = 2, .pad = Pad::given, .padding = 1}); }},
  };
}

std::vector<TensorCase> indexing() {
  return {
      {"take", {extents({5, 3}), extents({2, 2})}, [](X x) { return take(x[0], moving_index(x[1], 5), 0); }},
      {"take_zero", {extents({3, 5}), extents({18})}, [](X x) { return take(x[0], moving_index(x[1], 5), 1, Bound::zero); }},
      {"take_along",
       {extents({3, 5}), extents({3, 2})},
       [](X x) { return take_along(x[0], moving_index(x[1], 5), 1, Bound::wrap); }},
      {"scatter_add", {extents({2, 4, 3}), extents({4})}, [](X x) { return scatter_add(x[0], moving_index(x[1], 5), 5, 1); }},
      {"scatter_add_along",
       {extents({2, 7}), extents({2, 7})},
       [](X x) { return scatter_add_along(x[0], moving_index(x[1], 3), 3, 1, Bound::clip); }},
      {"one_hot", {extents({3})}, [](X x) { return one_hot(moving_index(x[0], 5), 5); }, false},
      {"sample", {extents({2, 6}), extents({3})}, [](X x) { return sample(x[0], moving_index(x[1], 6), 1); }},
      {"sample_cubic", {extents({6}), extents({17})}, [](X x) { return sample(x[0], moving_index(x[1], 6), 3, Bound::wrap); }},
  };
}

}  // namespace

const std::vector<TensorCase>& tensor_cases() {
  static const std::vector<TensorCase> all = [] {
    std::vector<TensorCase> made;
    for (const auto& family : {views(), along_axes(), products(), indexing()})
      made.insert(made.end(), family.begin(), family.end());
    return made;
  }();
  return all;
}

std::vector<Signal> tick_inputs(Graph& g, std::span<const Shape> shapes, std::int64_t hop) {
  std::vector<Signal> made;
  for (std::size_t k = 0; k < shapes.size(); ++k) {
    const auto channel = static_cast<int>(k);
    const Signal source = g.input(channel) * g.param("gain" + std::to_string(k), 0.8) +
                          0.3 * sin(frame_index(g) * g.param("rate" + std::to_string(k), 0.37 + 0.2 * channel));
    made.push_back(reshape(window(source, shapes[k].elements(), hop), shapes[k]));
  }
  return made;
}

Signal weights(Graph& g, const Shape& shape) {
  std::vector<double> each;
  for (std::int64_t k = 0; k < shape.elements(); ++k) each.push_back(std::cos(0.7 * static_cast<double>(k)));
  return tensor(g, each, shape);
}

}  // namespace dgen::testing

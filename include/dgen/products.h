#pragma once
// Products of matrices, and convolutions made of them. Records in src/ops/tensor_products.cpp.

#include <cstdint>

#include "dgen/tensor.h"

namespace dgen {

/// Products of matrices; both sides may move. a: [..., m, k]; b: [..., k, n]; gives [..., m, n]. The axes in front broadcast
/// as in NumPy. Throws `Error` bad_type, naming both shapes.
Signal matmul(Operand a, Signal b);
/// How many zeros a convolution sees around its input.
enum class Pad : std::uint8_t {
  valid,  ///< none: only where the kernel is whole
  same,   ///< so many that ceil(extent / stride) outputs come out; the odd one behind
  given,  ///< those of `padding`, on either side
};

struct Convolution {
  std::int32_t stride = 1;    ///< elements between outputs
  std::int32_t dilation = 1;  ///< elements between the kernel's
  Pad pad = Pad::valid;
  std::int32_t padding = 0;  ///< zeros on either side, where pad is given
};

/// What neural networks call a convolution (the kernel is not turned round):
/// y[..., o, t] = sum over c, k of kernel[o, c, k] x[..., c, t stride + k dilation - padding].
/// x: [..., channels, n]; kernel: [outputs, channels, size]; gives [..., outputs, count]. Throws `Error` bad_type, bad_value.
Signal conv1d(Operand x, Signal kernel, const Convolution& how = {});
/// The same in two dimensions, with the same stride, dilation and padding in both.
/// x: [..., channels, height, width]; kernel: [outputs, channels, rows, columns]; gives [..., outputs, m, n].
Signal conv2d(Operand x, Signal kernel, const Convolution& how = {});

}  // namespace dgen

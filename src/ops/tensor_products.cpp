#include <algorithm>
#include <array>
#include <vector>

#include "base/index.h"
#include "dgen/error.h"
#include "dgen/products.h"
#include "dgen/views.h"
#include "graph/describe.h"
#include "graph/limits.h"
#include "ops/axes.h"

namespace dgen {

namespace ops {

constexpr OpDef matmul{
    .name = "matmul",
    .doc = "products of matrices, the last two axes of a [..., m, k] and b [..., k, n]; the axes in front broadcast",
    .inputs = "a, b",
    .kind = Kind::matmul,
};

}  // namespace ops

namespace {

using ops::TensorArgument;

/// One axis of a convolution: which elements each output sees.
struct ConvolvedAxis {
  std::int64_t extent, size, count, before;
  const Convolution& how;

  ConvolvedAxis(const TensorArgument& x, std::int64_t from, std::int64_t taps, const Convolution& options)
      : extent(from), size(taps), count(0), before(0), how(options) {
    const std::int64_t reach = (taps - 1) * how.dilation + 1;
    std::int64_t padded = extent;
    if (how.pad == Pad::same) {
      count = (extent + how.stride - 1) / how.stride;
      padded = std::max(extent, (count - 1) * how.stride + reach);
      before = (padded - extent) / 2;
    } else {
      before = how.pad == Pad::given ? how.padding : 0;
      padded = extent + 2 * before;
      count = (padded - reach) / how.stride + 1;
    }
    if (padded < reach) {
      x.refuse(ErrorCode::bad_type, "the kernel reaches over " + std::to_string(reach) + " elements of an axis of " +
                                        std::to_string(extent) + " and " + std::to_string(padded - extent) + " zeros");
    }
  }
  /// The element that tap k of output t sees; -1: a zero.
  std::int64_t place(std::int64_t t, std::int64_t k) const {
    const std::int64_t n = t * how.stride + k * how.dilation - before;
    return n >= 0 && n < extent ? n : -1;
  }
};

void check_convolution(const TensorArgument& x, const TensorArgument& kernel, int axes, const Convolution& how) {
  const int channels = x.shape.rank - axes - 1;
  const bool fits = kernel.shape.rank == axes + 2 && channels >= 0 && x.shape.extent[at(channels)] == kernel.shape.extent[1];
  if (!fits) {
    const std::string extents = axes == 1 ? "size]" : "rows, columns]";
    x.refuse(ErrorCode::bad_type, "the kernel " + describe(kernel.graph(), kernel.signal.id) + " is " + to_string(kernel.shape) +
                                      "; it takes [..., channels, " + (axes == 1 ? "n]" : "height, width]") +
                                      " and a kernel [outputs, channels, " + extents + " of as many channels");
  }
  if (how.stride < 1 || how.dilation < 1 || how.padding < 0) {
    x.refuse(ErrorCode::bad_value, "stride and dilation must be at least 1 and padding at least 0; they are " +
                                       std::to_string(how.stride) + ", " + std::to_string(how.dilation) + " and " +
                                       std::to_string(how.padding));
  }
}

/// Of what the outputs see, `each` elements in front of the axes: before a map is made of them.
void check_seen(const TensorArgument& x, std::int64_t each, std::initializer_list<const ConvolvedAxis*> axes) {
  double seen = static_cast<double>(each);
  for (const ConvolvedAxis* axis : axes) seen *= static_cast<double>(axis->size) * static_cast<double>(axis->count);
  if (seen > static_cast<double>(most_elements))
    x.refuse(ErrorCode::limit_exceeded, "its outputs would see more than " + std::to_string(most_elements) + " elements");
}

/// Kernel [outputs, taps] times what each output sees [..., taps, count].
Signal convolved(const TensorArgument& kernel, Signal seen, const Shape& y, Origin origin) {
  const std::int32_t outputs = kernel.shape.extent[0];
  const auto taps = static_cast<std::int32_t>(kernel.shape.elements() / outputs);
  const Signal matrix = reshape(kernel.signal, extents({outputs, taps}));
  return reshape(matmul(ops::placed(matrix, origin), seen), y);
}

}  // namespace

Signal matmul(Operand a, Signal b) {
  const TensorArgument left("matmul", a), right("matmul", b);
  return left.graph().add(ops::matmul, std::array{left.signal, right.signal}, {}, left.origin);
}

Signal conv1d(Operand x, Signal kernel, const Convolution& how) {
  const TensorArgument from("conv1d", x), weights("conv1d", kernel);
  check_convolution(from, weights, 1, how);
  const int last = from.shape.rank - 1;
  const ConvolvedAxis axis(from, from.shape.extent[at(last)], weights.shape.extent[2], how);
  const std::int64_t rows = from.shape.elements() / axis.extent;  // channels of all that is in front
  check_seen(from, rows, {&axis});
  std::vector<std::int32_t> map;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t k = 0; k < axis.size; ++k) {
      for (std::int64_t t = 0; t < axis.count; ++t) {
        const std::int64_t n = axis.place(t, k);
        map.push_back(n < 0 ? -1 : static_cast<std::int32_t>(row * axis.extent + n));
      }
    }
  }
  Shape seen = from.shape, y = from.shape;
  seen.extent[at(last - 1)] = static_cast<std::int32_t>(from.shape.extent[at(last - 1)] * axis.size);
  y.extent[at(last - 1)] = weights.shape.extent[0];
  seen.extent[at(last)] = y.extent[at(last)] = static_cast<std::int32_t>(axis.count);
  return convolved(weights, view(x, seen, std::move(map)), y, from.origin);
}

Signal conv2d(Operand x, Signal kernel, const Convolution& how) {
  const TensorArgument from("conv2d", x), weights("conv2d", kernel);
  check_convolution(from, weights, 2, how);
  const int last = from.shape.rank - 1;
  const ConvolvedAxis rows(from, from.shape.extent[at(last - 1)], weights.shape.extent[2], how),
      columns(from, from.shape.extent[at(last)], weights.shape.extent[3], how);
  const std::int64_t planes = from.shape.elements() / (rows.extent * columns.extent);
  check_seen(from, planes, {&rows, &columns});
  std::vector<std::int32_t> map;
  for (std::int64_t tap = 0; tap < planes * rows.size * columns.size; ++tap) {
    const std::int64_t plane = tap / (rows.size * columns.size), k = tap / columns.size % rows.size, l = tap % columns.size;
    for (std::int64_t place = 0; place < rows.count * columns.count; ++place) {
      const std::int64_t m = rows.place(place / columns.count, k), n = columns.place(place % columns.count, l);
      map.push_back(m < 0 || n < 0 ? -1 : static_cast<std::int32_t>((plane * rows.extent + m) * columns.extent + n));
    }
  }
  Shape seen{.extent = from.shape.extent, .rank = last}, y = from.shape;
  seen.extent[at(last)] = 0;
  seen.extent[at(last - 2)] = static_cast<std::int32_t>(from.shape.extent[at(last - 2)] * rows.size * columns.size);
  seen.extent[at(last - 1)] = static_cast<std::int32_t>(rows.count * columns.count);
  y.extent[at(last - 2)] = weights.shape.extent[0];
  y.extent[at(last - 1)] = static_cast<std::int32_t>(rows.count);
  y.extent[at(last)] = static_cast<std::int32_t>(columns.count);
  return convolved(weights, view(x, seen, std::move(map)), y, from.origin);
}

}  // namespace dgen

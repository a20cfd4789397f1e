#include "graph/elements.h"

#include <algorithm>

#include "dgen/error.h"
#include "graph/fourier.h"
#include "graph/tensor_elements.h"

namespace dgen {

namespace {

std::size_t at(std::int64_t k) { return static_cast<std::size_t>(k); }

void compute_pointwise(const OpDef& op, std::span<const Elements> x, const Shape& shape, std::span<double> y) {
  std::vector<std::vector<std::int64_t>> from;
  for (const Elements& input : x) from.push_back(broadcast_index(input.shape, shape));
  std::vector<double> operands(x.size());
  for (std::size_t e = 0; e < y.size(); ++e) {
    for (std::size_t k = 0; k < x.size(); ++k) operands[k] = x[k].values[at(from[k][e])];
    y[e] = op.meaning(operands);
  }
}

/// y[..., o] = sum over i of matrix[o, i] x[..., i], or with the transposed matrix.
void compute_linear(const Attributes& attributes, std::span<const Elements> x, std::span<double> y) {
  const Shape& matrix = x[1].shape;
  const bool transposed = attributes.size == 1;
  const std::size_t rows = at(matrix.extent[0]), columns = at(matrix.extent[1]);
  const std::size_t outputs = transposed ? columns : rows, inputs = transposed ? rows : columns;
  for (std::size_t e = 0; e < y.size(); ++e) {
    const std::size_t o = e % outputs, base = e / outputs * inputs;
    double total = 0;
    for (std::size_t i = 0; i < inputs; ++i)
      total += x[1].values[transposed ? i * columns + o : o * columns + i] * x[0].values[base + i];
    y[e] = total;
  }
}

/// y[n, m] = sum over l of x0[l, n] x1[l, m].
void compute_outer(std::span<const Elements> x, const Shape& shape, std::span<double> y) {
  const std::size_t rows = at(shape.extent[0]), columns = at(shape.extent[1]);
  std::fill(y.begin(), y.end(), 0.0);
  for (std::size_t e = 0; e < x[0].values.size(); ++e) {
    const std::size_t first = e / rows * columns;
    for (std::size_t m = 0; m < columns; ++m) y[e % rows * columns + m] += x[0].values[e] * x[1].values[first + m];
  }
}

}  // namespace

bool has_elements(Kind kind) {
  return kind == Kind::pointwise || kind == Kind::expand || kind == Kind::contract || kind == Kind::reshape ||
         kind == Kind::linear || kind == Kind::outer || kind == Kind::fft || has_tensor_elements(kind);
}

std::vector<std::int64_t> broadcast_index(const Shape& from, const Shape& to) {
  std::vector<std::int64_t> index(at(to.elements()), 0);
  std::int64_t stride_to = 1, stride_from = 1;
  for (int k = 1; k <= from.rank; ++k) {  // axes from the last
    const std::int64_t have = from.extent[at(from.rank - k)], want = to.extent[at(to.rank - k)];
    for (std::size_t e = 0; have > 1 && e < index.size(); ++e)
      index[e] += static_cast<std::int64_t>(e) / stride_to % want * stride_from;
    stride_to *= want;
    stride_from *= have;
  }
  return index;
}

void compute_elements(const OpDef& op, const Attributes& attributes, std::span<const Elements> x, const Shape& shape,
                      std::span<double> y) {
  if (op.kind == Kind::pointwise) return compute_pointwise(op, x, shape, y);
  if (has_tensor_elements(op.kind)) return compute_tensor_elements(op.kind, attributes, x, shape, y);
  if (op.kind == Kind::linear) return compute_linear(attributes, x, y);
  if (op.kind == Kind::outer) return compute_outer(x, shape, y);
  if (op.kind == Kind::fft) return fourier::compute(attributes.transform, attributes.size, x[0].values, y);
  if (op.kind == Kind::reshape) {
    std::copy(x[0].values.begin(), x[0].values.end(), y.begin());
    return;
  }
  check(op.kind == Kind::expand || op.kind == Kind::contract, "an op on elements");
  const bool expands = op.kind == Kind::expand;
  const std::vector<std::int64_t> index = expands ? broadcast_index(x[0].shape, shape) : broadcast_index(shape, x[0].shape);
  if (expands) {
    for (std::size_t e = 0; e < y.size(); ++e) y[e] = x[0].values[at(index[e])];
    return;
  }
  std::fill(y.begin(), y.end(), 0.0);
  for (std::size_t e = 0; e < x[0].values.size(); ++e) y[at(index[e])] += x[0].values[e];
}

}  // namespace dgen

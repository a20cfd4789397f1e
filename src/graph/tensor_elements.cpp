#include "graph/tensor_elements.h"

#include <algorithm>

#include "dgen/error.h"
#include "graph/table_index.h"

namespace dgen {

namespace {

std::size_t at(std::int64_t k) { return static_cast<std::size_t>(k); }

void compute_view(const std::vector<std::int32_t>& map, std::span<const Elements> x, std::span<double> y) {
  std::vector<double> all;
  for (const Elements& input : x) all.insert(all.end(), input.values.begin(), input.values.end());
  for (std::size_t e = 0; e < y.size(); ++e) y[e] = map[e] < 0 ? 0.0 : all[at(map[e])];
}

void compute_view_sum(const std::vector<std::int32_t>& map, std::span<const double> x, std::span<double> y) {
  std::fill(y.begin(), y.end(), 0.0);
  for (std::size_t e = 0; e < x.size(); ++e) {
    if (map[e] >= 0) y[at(map[e])] += x[e];
  }
}

void compute_matmul(const Attributes& attributes, std::span<const Elements> x, const Shape& shape, std::span<double> y) {
  const bool left = attributes.size & 1, right = attributes.size & 2;  // transposed
  const Shape &a = x[0].shape, &b = x[1].shape;
  const std::int64_t rows = shape.extent[at(shape.rank - 2)], columns = shape.extent[at(shape.rank - 1)];
  const std::int64_t inner = a.extent[at(a.rank - (left ? 2 : 1))];
  const std::vector<std::int64_t> of_a = matrix_index(a, shape), of_b = matrix_index(b, shape);
  for (std::size_t matrix = 0; matrix < of_a.size(); ++matrix) {
    const std::span<const double> from_a = x[0].values.subspan(at(of_a[matrix] * rows * inner), at(rows * inner));
    const std::span<const double> from_b = x[1].values.subspan(at(of_b[matrix] * inner * columns), at(inner * columns));
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < columns; ++j) {
        double total = 0;
        for (std::int64_t k = 0; k < inner; ++k)
          total += from_a[at(left ? k * rows + i : i * inner + k)] * from_b[at(right ? j * inner + k : k * columns + j)];
        y[matrix * at(rows * columns) + at(i * columns + j)] = total;
      }
    }
  }
}

void compute_cumulate(const Attributes& attributes, std::span<const Elements> x, const Shape& shape, std::span<double> y) {
  const Along along(shape, attributes.axis);
  const std::vector<std::int64_t> factor = broadcast_index(x[1].shape, shape);
  const bool from_end = attributes.size == 1;
  for (std::int64_t outer = 0; outer < along.outer; ++outer) {
    for (std::int64_t inner = 0; inner < along.inner; ++inner) {
      double before = 0;
      for (std::int64_t n = 0; n < along.extent; ++n) {
        const std::int64_t k = from_end ? along.extent - 1 - n : n;
        const std::size_t e = at((outer * along.extent + k) * along.inner + inner);
        before = n == 0 ? x[0].values[e] : x[0].values[e] + x[1].values[at(factor[e])] * before;
        y[e] = before;
      }
    }
  }
}

void compute_extremum(const Attributes& attributes, const Elements& x, std::span<double> y) {
  const Along along(x.shape, attributes.axis);
  const bool smallest = attributes.size == 1;
  for (std::int64_t outer = 0; outer < along.outer; ++outer) {
    for (std::int64_t inner = 0; inner < along.inner; ++inner) {
      const auto element = [&](std::int64_t k) { return x.values[at((outer * along.extent + k) * along.inner + inner)]; };
      std::int64_t best = 0;
      for (std::int64_t k = 1; k < along.extent; ++k) {
        if (smallest ? element(k) < element(best) : element(best) < element(k)) best = k;
      }
      y[at(outer * along.inner + inner)] = static_cast<double>(best);
    }
  }
}

void compute_take(const Attributes& attributes, std::span<const Elements> x, const Shape& shape, std::span<double> y) {
  const Along to(shape, attributes.axis);
  const std::int32_t size = x[0].shape.extent[at(attributes.axis)];
  const std::vector<std::int64_t> from = broadcast_index(x[0].shape, with_extent(shape, attributes.axis, size));
  const std::vector<std::int64_t> index = broadcast_index(x[1].shape, shape);
  for (std::size_t e = 0; e < y.size(); ++e) {
    const std::int64_t k = table_index(x[1].values[at(index[e])], size, attributes.bound);
    const auto place = static_cast<std::int64_t>(e);
    const std::int64_t outer = place / (to.extent * to.inner), inner = place % to.inner;
    y[e] = k < 0 ? 0.0 : x[0].values[at(from[at((outer * size + k) * to.inner + inner)])];
  }
}

void compute_scatter_add(const Attributes& attributes, std::span<const Elements> x, std::span<double> y) {
  const Along from(x[0].shape, attributes.axis);
  const std::vector<std::int64_t> index = broadcast_index(x[1].shape, x[0].shape);
  std::fill(y.begin(), y.end(), 0.0);
  for (std::size_t e = 0; e < x[0].values.size(); ++e) {
    const std::int64_t k = table_index(x[1].values[at(index[e])], attributes.size, attributes.bound);
    const auto place = static_cast<std::int64_t>(e);
    const std::int64_t outer = place / (from.extent * from.inner), inner = place % from.inner;
    if (k >= 0) y[at((outer * attributes.size + k) * from.inner + inner)] += x[0].values[e];
  }
}

}  // namespace

bool has_tensor_elements(Kind kind) {
  return kind == Kind::view || kind == Kind::view_sum || kind == Kind::matmul || kind == Kind::cumulate ||
         kind == Kind::extremum || kind == Kind::take || kind == Kind::scatter_add;
}

void compute_tensor_elements(Kind kind, const Attributes& attributes, std::span<const Elements> x, const Shape& shape,
                             std::span<double> y) {
  if (kind == Kind::view) return compute_view(*attributes.map, x, y);
  if (kind == Kind::view_sum) return compute_view_sum(*attributes.map, x[0].values, y);
  if (kind == Kind::matmul) return compute_matmul(attributes, x, shape, y);
  if (kind == Kind::cumulate) return compute_cumulate(attributes, x, shape, y);
  if (kind == Kind::extremum) return compute_extremum(attributes, x[0], y);
  if (kind == Kind::take) return compute_take(attributes, x, shape, y);
  check(kind == Kind::scatter_add, "an op that relates elements");
  compute_scatter_add(attributes, x, y);
}

Along::Along(const Shape& shape, int axis) : extent(shape.extent[at(axis)]) {
  for (int k = 0; k < axis; ++k) outer *= shape.extent[at(k)];
  for (int k = axis + 1; k < shape.rank; ++k) inner *= shape.extent[at(k)];
}

Shape with_extent(Shape shape, int axis, std::int32_t extent) {
  shape.extent[at(axis)] = extent;
  return shape;
}

std::vector<std::int64_t> matrix_index(const Shape& x, const Shape& product) {
  const auto leads = [](Shape shape) {
    shape.extent[at(shape.rank - 1)] = shape.extent[at(shape.rank - 2)] = 1;
    return shape;
  };
  return broadcast_index(leads(x), leads(product));
}

}  // namespace dgen

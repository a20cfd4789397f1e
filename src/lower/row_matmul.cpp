// The step that multiplies matrices: lanes are columns; a vector of the right side is read once for some rows.

#include <algorithm>
#include <vector>

#include "base/index.h"
#include "graph/elements.h"
#include "graph/tensor_elements.h"
#include "lower/access.h"
#include "lower/row_operand.h"
#include "lower/row_steps.h"
#include "lower/rows.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

constexpr std::int64_t rows_together = 4;

class Matmul {
 public:
  Matmul(RowContext& rows, int id)
      : rows_(rows), b_(rows.builder), node_(rows.g[id]), a_(rows, node_.inputs[0]), right_(rows, node_.inputs[1]),
        to_(rows.row(id)), left_transposed_((node_.attributes.size & 1) != 0),
        right_transposed_((node_.attributes.size & 2) != 0) {
    const Shape &a = rows.g[node_.inputs[0]].type.shape, &y = node_.type.shape;
    inner_ = a.extent[at(a.rank - (left_transposed_ ? 2 : 1))];
    height_ = y.extent[at(y.rank - 2)];
    width_ = y.extent[at(y.rank - 1)];
    if (right_transposed_) turned_ = rows.turned.at(id);
  }

  void write() {
    const Shape &a = rows_.g[node_.inputs[0]].type.shape, &b = rows_.g[node_.inputs[1]].type.shape;
    const std::vector<std::int64_t> of_a = matrix_index(a, node_.type.shape), of_b = matrix_index(b, node_.type.shape);
    each_number(rows_, static_cast<std::int64_t>(of_a.size()), [&](Value matrix) {
      const auto first = [&](const std::vector<std::int64_t>& which, std::int64_t elements) {
        if (which.size() == 1) return rows_.whole(0);
        std::vector<std::int64_t> places;
        for (const std::int64_t k : which) places.push_back(k * elements);
        return b_.load(rows_.buffers.index_table(places), matrix, false);
      };
      first_a_ = first(of_a, height_ * inner_);
      first_b_ = first(of_b, inner_ * width_);
      first_to_ = to_.base + matrix * rows_.whole(height_ * width_);
      if (right_transposed_) turn();
      const std::int64_t whole = height_ / rows_together * rows_together;
      if (whole > 0) {
        each_number(rows_, whole / rows_together,
                    [&](Value block) { some_rows(block * rows_.whole(rows_together), rows_together); });
      }
      if (whole < height_) some_rows(rows_.whole(whole), height_ - whole);
    });
  }

 private:
  /// The right matrix is [columns, inner]; its transpose has whole vectors in a row.
  void turn() {
    const std::int64_t stride = turned_stride(width_);
    std::vector<std::int64_t> places;
    for (std::int64_t k = 0; k < inner_; ++k) {
      for (std::int64_t j = 0; j < stride; ++j) places.push_back(std::min(j, width_ - 1) * inner_ + k);
    }
    const int table = rows_.buffers.index_table(places);
    b_.loop(rows_.whole(0), rows_.whole(inner_ * stride), true,
            [&](Value e) { b_.store(turned_, e, right_.gather(b_.broadcast(first_b_) + b_.load(table, e, true))); });
  }

  /// Element (i, k) of the left matrix.
  Value left(Value i, Value k) {
    return a_.load(first_a_ + (left_transposed_ ? k * rows_.whole(height_) + i : i * rows_.whole(inner_) + k), false);
  }

  Value right(Value k, Value j) {
    if (right_transposed_) return b_.load(turned_, k * rows_.whole(turned_stride(width_)) + j, true);
    return right_.load(first_b_ + k * rows_.whole(width_) + j, true);
  }

  void some_rows(Value i, std::int64_t count) {
    if (width_ == 1 && !right_transposed_) return some_numbers(i, count);
    b_.loop(rows_.whole(0), rows_.whole(width_), true, [&](Value j) {
      std::vector<ir::Local> sums;
      for (std::int64_t n = 0; n < count; ++n) sums.push_back(b_.local("sum", b_.number({Scalar::f32, true}, 0)));
      b_.loop(rows_.whole(0), rows_.whole(inner_), false, [&](Value k) {
        const Value weight = right(k, j);
        for (std::int64_t n = 0; n < count; ++n) {
          const ir::Local& sum = sums[static_cast<std::size_t>(n)];
          sum.set(sum.get() + b_.broadcast(left(i + rows_.whole(n), k)) * weight);
        }
      });
      for (std::int64_t n = 0; n < count; ++n) {
        const Value base = first_to_ + (i + rows_.whole(n)) * rows_.whole(width_);
        store_piece(rows_, to_.buffer, base, j, width_, sums[static_cast<std::size_t>(n)].get());
      }
    });
  }

  /// Of one column.
  void some_numbers(Value i, std::int64_t count) {
    std::vector<ir::Local> sums;
    for (std::int64_t n = 0; n < count; ++n) sums.push_back(b_.local("sum", b_.number({Scalar::f32, false}, 0)));
    b_.loop(rows_.whole(0), rows_.whole(inner_), false, [&](Value k) {
      const Value weight = right_.load(first_b_ + k, false);
      for (std::int64_t n = 0; n < count; ++n) {
        const ir::Local& sum = sums[static_cast<std::size_t>(n)];
        sum.set(sum.get() + left(i + rows_.whole(n), k) * weight);
      }
    });
    for (std::int64_t n = 0; n < count; ++n)
      b_.store(to_.buffer, first_to_ + i + rows_.whole(n), sums[static_cast<std::size_t>(n)].get());
  }

  RowContext& rows_;
  ir::Builder& b_;
  const Node& node_;
  const RowOperand a_, right_;
  const Row to_;
  const bool left_transposed_, right_transposed_;
  std::int64_t inner_ = 0, height_ = 0, width_ = 0;
  int turned_ = -1;
  Value first_a_{}, first_b_{}, first_to_{};
};

}  // namespace

std::int64_t turned_stride(std::int64_t columns) { return padded(columns); }

std::int64_t turned_elements(const Graph& g, int id) {
  const Node& node = g[id];
  if ((node.attributes.size & 2) == 0) return 0;
  const Shape& b = g[node.inputs[1]].type.shape;
  return b.extent[at(b.rank - 1)] * turned_stride(b.extent[at(b.rank - 2)]);
}

void write_matmul_step(RowContext& rows, int id) { Matmul(rows, id).write(); }

}  // namespace dgen::lower

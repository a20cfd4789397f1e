// The steps that multiply every element of a row by every element of another.

#include <vector>

#include "base/index.h"
#include "lower/row_steps.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// The extents of an outer product: [n, m], summed over `leads`.
struct Extents {
  std::int64_t n = 1, m = 1, leads = 1;
};

Extents extents_of(const RowContext& rows, int outer) {
  const Shape& shape = rows.g[outer].type.shape;
  return {shape.extent[0], shape.extent[1], rows.elements(rows.g[outer].inputs[0]) / shape.extent[0]};
}

/// Visits rows of the product, a vector of its columns at a time: visit(index of the first column in the product, sum).
/// x, y: the factors' rows at the ticks that are added up.
template <class Visit>
void each_column(RowContext& rows, const Extents& size, const std::vector<Row>& x, const std::vector<Row>& y,
                 const Visit& visit) {
  ir::Builder& b = rows.builder;
  b.loop(rows.whole(0), rows.whole(size.n), false, [&](Value i) {
    b.loop(rows.whole(0), rows.whole(size.m), true, [&](Value j) {
      const ir::Local sum = b.local("sum", b.number({Scalar::f32, true}, 0));
      const auto add = [&](Value of_x, Value of_y) {
        for (std::size_t k = 0; k < x.size(); ++k)
          sum.set(sum.get() + b.broadcast(rows.load(x[k], of_x, false)) * rows.load(y[k], of_y, true));
      };
      if (size.leads == 1) {
        add(i, j);
      } else {
        b.loop(rows.whole(0), rows.whole(size.leads), false,
               [&](Value lead) { add(lead * rows.whole(size.n) + i, lead * rows.whole(size.m) + j); });
      }
      Value total = sum.get();
      if (size.m % ir::padding != 0) total = select(b.broadcast(j) + b.lane() < b.broadcast(rows.whole(size.m)), total, 0.0);
      visit(i * rows.whole(size.m) + j, total);
    });
  });
}

}  // namespace

void write_outer_step(RowContext& rows, int id) {
  const Node& node = rows.g[id];
  const Row to = rows.row(id);
  // A vector behind the last column lands in the next row, which is written after it, or in the padding behind the last.
  each_column(rows, extents_of(rows, id), {rows.row(node.inputs[0])}, {rows.row(node.inputs[1])},
              [&](Value place, Value sum) { rows.builder.store(to.buffer, to.base + place, sum); });
}

void write_outer_sum_step(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  const int outer = rows.g[id].inputs[0], sums = rows.buffers.sum.at(id), group = rows.ticks.group;
  const std::vector<int>& factors = rows.g[outer].inputs;
  const Extents size = extents_of(rows, outer);
  const auto add = [&](Value place, Value sum) { b.store(sums, place, b.load(sums, place, true) + convert(Scalar::f64, sum)); };
  const auto tick_by_tick = [&] {
    rows.each_tick([&] { each_column(rows, size, {rows.row(factors[0])}, {rows.row(factors[1])}, add); });
  };
  if (group == 1) return tick_by_tick();
  const auto whole_block = [&] {
    std::vector<Row> x, y;
    for (int k = 0; k < group; ++k) {
      rows.ticks.at(rows.whole(k));
      x.push_back(rows.row(factors[0]));
      y.push_back(rows.row(factors[1]));
    }
    each_column(rows, size, x, y, add);
  };
  b.branch(rows.ticks.in_block == rows.whole(group), whole_block, tick_by_tick);
}

}  // namespace dgen::lower

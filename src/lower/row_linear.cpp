// The step that multiplies rows by a matrix: lanes are outputs; a column is read once for all ticks of the block.

#include <bit>
#include <vector>

#include "base/index.h"
#include "lower/access.h"
#include "lower/row_steps.h"
#include "lower/rows.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// The weights that a vector of outputs, from `at` on, takes of inputs first … last - 1.
class Weights {
 public:
  Weights(RowContext& rows, int id, std::int64_t inputs, std::int64_t outputs)
      : first(rows.whole(0)), last(rows.whole(inputs)), rows_(rows), matrix_(rows.matrix(id)) {
    if (const auto known = rows.buffers.bands.find(matrix_); known != rows.buffers.bands.end()) bands_ = known->second;
    width_ = rows.whole(banded() ? ir::padding : padded(outputs));
  }

  void at(Value output) {
    offset_ = output;
    if (!banded()) return;
    ir::Builder& b = rows_.builder;
    const Value group = output >> std::countr_zero(static_cast<unsigned>(ir::padding));
    first = b.load(bands_.first, group, false), last = b.load(bands_.last, group, false);
    offset_ = b.load(bands_.row, group, false) * width_ + (output & rows_.whole(ir::padding - 1));
  }

  Value of(Value input) const { return rows_.builder.load(matrix_, input * width_ + offset_, true); }

  Value first, last;

 private:
  bool banded() const { return bands_.first >= 0; }

  RowContext& rows_;
  const int matrix_;
  Bands bands_{};
  Value width_{}, offset_{};
};

}  // namespace

void write_linear_step(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  const Node& node = rows.g[id];
  const int x = node.inputs[0], group = rows.ticks.group;
  const Shape &from = rows.g[x].type.shape, &to = node.type.shape;
  const std::int64_t inputs = from.extent[at(from.rank - 1)], outputs = to.extent[at(to.rank - 1)];
  const std::int64_t leads = rows.elements(x) / inputs;
  Weights weights(rows, id, inputs, outputs);
  std::vector<Row> given;
  for (int k = 0; k < group; ++k) {
    rows.ticks.at(rows.whole(k));
    given.push_back(rows.row(x));
  }
  const auto product = [&](Value lead) {
    b.loop(rows.whole(0), rows.whole(outputs), true, [&](Value o) {
      std::vector<ir::Local> sums;
      for (int k = 0; k < group; ++k) sums.push_back(b.local("sum", b.number({Scalar::f32, true}, 0)));
      weights.at(o);
      b.loop(weights.first, weights.last, false, [&](Value i) {
        const Value weight = weights.of(i);
        const Value place = leads == 1 ? i : lead * rows.whole(inputs) + i;
        for (std::size_t k = 0; k < given.size(); ++k)
          sums[k].set(sums[k].get() + b.broadcast(rows.load(given[k], place, false)) * weight);
      });
      for (int k = 0; k < group; ++k) {
        const Value base = rows.whole(k * rows.stride(id)) + (leads == 1 ? o : lead * rows.whole(outputs) + o);
        b.store(rows.scratch.at(id), base, sums[at(k)].get());
      }
    });
  };
  if (leads == 1) return product({});
  b.loop(rows.whole(0), rows.whole(leads), false, product);
}

}  // namespace dgen::lower

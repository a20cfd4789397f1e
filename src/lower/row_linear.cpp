// The step that multiplies rows by a matrix: lanes are outputs; a column is read once for all ticks of the block.

#include <vector>

#include "base/index.h"
#include "lower/access.h"
#include "lower/row_steps.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

void write_linear_step(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  const Node& node = rows.g[id];
  const int x = node.inputs[0], group = rows.ticks.group;
  const Shape &from = rows.g[x].type.shape, &to = node.type.shape;
  const std::int64_t inputs = from.extent[at(from.rank - 1)], outputs = to.extent[at(to.rank - 1)];
  const std::int64_t leads = rows.elements(x) / inputs;
  const int matrix = rows.matrix(id);
  const Value columns = rows.whole((outputs + ir::padding - 1) / ir::padding * ir::padding);
  std::vector<Row> given;
  for (int k = 0; k < group; ++k) {
    rows.ticks.at(rows.whole(k));
    given.push_back(rows.row(x));
  }
  const auto product = [&](Value lead) {
    b.loop(rows.whole(0), rows.whole(outputs), true, [&](Value o) {
      std::vector<ir::Local> sums;
      for (int k = 0; k < group; ++k) sums.push_back(b.local("sum", b.number({Scalar::f32, true}, 0)));
      b.loop(rows.whole(0), rows.whole(inputs), false, [&](Value i) {
        const Value weight = b.load(matrix, i * columns + o, true);
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

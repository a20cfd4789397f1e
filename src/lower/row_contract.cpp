// The step that sums over some axes, an element at a time.

#include "graph/elements.h"
#include "lower/row_steps.h"

namespace dgen::lower {

using ir::Value;

void write_contract_step(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  const int x = rows.g[id].inputs[0];
  const int table = rows.buffers.index_table(broadcast_index(rows.g[id].type.shape, rows.g[x].type.shape));
  const Row from = rows.row(x), to = rows.row(id);
  b.loop(rows.whole(0), rows.whole(rows.elements(id)), false, [&](Value e) {
    b.store(to.buffer, to.base + e, b.number({ir::Scalar::f32, false}, 0));
  });
  b.loop(rows.whole(0), rows.whole(rows.elements(x)), false, [&](Value e) {
    const Value target = to.base + b.load(table, e, false);
    const Value addend = rows.load(from, e, false);
    b.store(to.buffer, target, b.load(to.buffer, target, false) + addend);
  });
}

}  // namespace dgen::lower

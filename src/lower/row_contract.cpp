// The step that sums over some axes: vectors of neighbours where runs of them are added, or where they are the addends, else
// an element at a time.

#include "graph/elements.h"
#include "lower/row_operand.h"
#include "lower/row_runs.h"
#include "lower/row_steps.h"
#include "lower/row_sums.h"

namespace dgen::lower {

using ir::Value;

namespace {

/// Vectors that run over the end of a run are written again by the next, or lie behind the row.
void add_runs(RowContext& rows, int id, const Runs& runs) {
  ir::Builder& b = rows.builder;
  const Row from = rows.row(rows.g[id].inputs[0]), to = rows.row(id);
  const Value inner = rows.whole(runs.inner);
  b.loop(rows.whole(0), rows.whole(runs.lead), false, [&](Value lead) {
    b.loop(rows.whole(0), inner, true, [&](Value e) {
      const Value begin = lead * rows.whole(runs.times * runs.inner) + e;
      const ir::Local sum = b.local("sum", rows.load(from, begin, true));
      b.loop(rows.whole(1), rows.whole(runs.times), false,
             [&](Value time) { sum.set(sum.get() + rows.load(from, begin + time * inner, true)); });
      b.store(to.buffer, to.base + lead * inner + e, sum.get());
    });
  });
}

/// Sums of neighbours. A vector that runs over the end of its addends takes none of the next.
void add_neighbours(RowContext& rows, int id, const Runs& runs) {
  ir::Builder& b = rows.builder;
  const Row from = rows.row(rows.g[id].inputs[0]), to = rows.row(id);
  const int total = rows.new_row(extents({ir::padding}));  // a number is stored alone: what lies behind it stays
  const Value zero = b.number({ir::Scalar::f32, true}, 0);
  b.loop(rows.whole(0), rows.whole(runs.lead), false, [&](Value lead) {
    const ir::Local sum = b.local("sum", zero);
    b.loop(rows.whole(0), rows.whole(runs.times), true, [&](Value e) {
      const Value x = rows.load(from, lead * rows.whole(runs.times) + e, true);
      const bool fits = runs.times % ir::padding == 0;
      sum.set(sum.get() + (fits ? x : select(inside_piece(rows, e, runs.times), x, 0.0)));
    });
    b.store(total, rows.whole(0), sum_of_lanes(b, sum.get()));
    b.store(to.buffer, to.base + lead, b.load(total, rows.whole(0), false));
  });
}

}  // namespace

void write_contract_step(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  const auto runs = runs_of(rows.g[id].type.shape, rows.g[rows.g[id].inputs[0]].type.shape);
  if (runs && runs->inner >= ir::padding) return add_runs(rows, id, *runs);
  if (runs && runs->inner == 1 && runs->times >= ir::padding) return add_neighbours(rows, id, *runs);
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

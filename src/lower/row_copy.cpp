// The step that hands a value that lies in rows on to later stages and the host.

#include <algorithm>
#include <vector>

#include "lower/row_steps.h"

namespace dgen::lower {

using ir::Value;

namespace {

/// Numbers of a block of frames that lie side by side here and where they go.
bool lies_side_by_side(const RowContext& rows, int id) {
  const auto has = [id](const std::vector<int>& list) { return std::find(list.begin(), list.end(), id) != list.end(); };
  return rows.elements(id) == 1 && rows.ticks.hop == 1 && rows.ticks.group > 1 && !rows.backward && rows.scratch.contains(id) &&
         !has(rows.stage.fills) && !has(rows.stage.windows);
}

void copy_tick(RowContext& rows, int id) {
  const std::int64_t count = rows.elements(id);
  const Row from = rows.row(id);
  if (count == 1) return rows.publish(id, rows.whole(0), rows.builder.load(from.buffer, from.base, false));
  rows.builder.loop(rows.whole(0), rows.whole(count), true, [&](Value e) { rows.publish(id, e, rows.load(from, e, true)); });
}

}  // namespace

void write_copy_step(RowContext& rows, int id) {
  if (!lies_side_by_side(rows, id)) return rows.each_tick([&] { copy_tick(rows, id); });
  ir::Builder& b = rows.builder;
  const Value vectors = rows.ticks.in_block & rows.whole(-ir::padding);  // behind them a caller's memory may end
  b.loop(rows.whole(0), vectors, true, [&](Value tick) {
    rows.ticks.at(tick);
    rows.publish(id, rows.whole(0), b.load(rows.scratch.at(id), tick, true));
  });
  b.loop(vectors, rows.ticks.in_block, false, [&](Value tick) {
    rows.ticks.at(tick);
    copy_tick(rows, id);
  });
}

}  // namespace dgen::lower

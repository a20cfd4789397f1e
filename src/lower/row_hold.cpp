// Values of a hop clock that go on until the next tick.

#include <algorithm>
#include <vector>

#include "base/index.h"
#include "lower/access.h"
#include "lower/row_steps.h"

namespace dgen::lower {

using ir::Value;

void hold_value(RowContext& rows, int id, Value x) {
  ir::Builder& b = rows.builder;
  const Value local = rows.ticks.local, frames = rows.ticks.frames;
  const Value wide = b.broadcast(x), end = local + rows.whole(rows.ticks.hop);
  const int held = rows.buffers.crossing.at(id);
  b.loop(local, select(end < frames, end, frames), true, [&](Value i) { b.store(held, i, wide); });
  b.store(rows.buffers.held.at(id), rows.whole(0), x);
}

void begin_held(RowContext& rows) {
  ir::Builder& b = rows.builder;
  const Value first = rows.ticks.first_local, frames = rows.ticks.frames;
  for (const int id : rows.stage.nodes) {
    if (rows.g[id].op->kind != Kind::hold || rows.ticks.hop == 1) continue;
    const Value before = b.broadcast(b.load(rows.buffers.held.at(id), rows.whole(0), false));
    const Value end = select(first < frames, first, frames);
    b.loop(rows.whole(0), end, true, [&](Value i) { b.store(rows.buffers.crossing.at(id), i, before); });
  }
}

void spread_held(RowContext& rows) {
  ir::Builder& b = rows.builder;
  for (const int id : rows.stage.nodes) {
    if (rows.g[id].op->kind != Kind::hold) continue;
    b.loop(rows.whole(0), rows.ticks.frames, true, [&](Value i) {
      const Value x = b.load(rows.buffers.crossing.at(id), i, true);
      const auto frame = [&] { return rows.ticks.first_frame() + i; };
      const auto has = [id](const std::vector<int>& list) { return std::find(list.begin(), list.end(), id) != list.end(); };
      if (has(rows.stage.fills)) store_to_ring(b, rows.buffers.ring.at(id), frame(), x);
      if (has(rows.stage.windows)) store_to_history(b, rows.buffers.history.at(id), frame(), x);
      for (const int c : rows.stage.outputs) {
        if (rows.g.outputs()[at(c)].node == id) b.store(rows.buffers.output.at(c), i, x);
      }
    });
  }
}

}  // namespace dgen::lower

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

namespace {

/// Stores a row at frames [begin, end) of the sub-block.
void spread_row(RowContext& rows, int id, const Row& row, Value begin, Value end) {
  ir::Builder& b = rows.builder;
  const Value width = rows.whole(rows.stride(id));
  const int held = rows.buffers.crossing.at(id);
  b.loop(rows.whole(0), rows.whole(rows.elements(id)), true, [&](Value e) {
    const Value x = rows.load(row, e, true);
    b.loop(begin, end, false, [&](Value i) { b.store(held, i * width + e, x); });
  });
}

/// Outputs and pasts of a held value with a shape. It is on no hop of 1, whose frames are ticks.
void spread_held_rows(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  const Value width = rows.whole(rows.stride(id)), frames = rows.ticks.frames;
  const auto has = [id](const std::vector<int>& list) { return std::find(list.begin(), list.end(), id) != list.end(); };
  const bool past = has(rows.stage.fills) || has(rows.stage.windows);
  const auto leaves = [&](int c) { return rows.g.outputs()[at(c)].node == id; };
  if (!past && std::none_of(rows.stage.outputs.begin(), rows.stage.outputs.end(), leaves)) return;
  b.loop(rows.whole(0), frames, false, [&](Value i) {
    const Value in_time = rows.backward ? frames - 1 - i : i;
    b.loop(rows.whole(0), rows.whole(rows.elements(id)), true, [&](Value e) {
      const Value x = b.load(rows.buffers.crossing.at(id), i * width + e, true);
      if (past) {
        const Ring& ring = rows.buffers.ring.at(id);
        const Value frame = (rows.ticks.first_frame() + i) & rows.whole(ring.capacity - 1);
        b.store(ring.buffer, frame * width + e, x);
      }
      for (const int c : rows.stage.outputs) {
        if (leaves(c)) b.store(rows.buffers.output.at(c), in_time * width + e, x);
      }
    });
  });
}

}  // namespace

void write_hold_step(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  const Value local = rows.ticks.local, frames = rows.ticks.frames, end = local + rows.whole(rows.ticks.hop);
  const Row row = rows.row(rows.g[id].inputs[0]);
  b.loop(rows.whole(0), rows.whole(rows.elements(id)), true,
         [&](Value e) { b.store(rows.buffers.held.at(id), e, rows.load(row, e, true)); });
  spread_row(rows, id, {rows.buffers.held.at(id), rows.whole(0), false}, local, select(end < frames, end, frames));
}

void begin_held(RowContext& rows) {
  ir::Builder& b = rows.builder;
  const Value first = rows.ticks.first_local, frames = rows.ticks.frames;
  for (const int id : rows.stage.nodes) {
    if (rows.g[id].op->kind != Kind::hold || rows.ticks.hop == 1) continue;
    if (rows.elements(id) > 1) {
      spread_row(rows, id, {rows.buffers.held.at(id), rows.whole(0), false}, rows.whole(0),
                 select(first < frames, first, frames));
      continue;
    }
    const Value before = b.broadcast(b.load(rows.buffers.held.at(id), rows.whole(0), false));
    const Value end = select(first < frames, first, frames);
    b.loop(rows.whole(0), end, true, [&](Value i) { b.store(rows.buffers.crossing.at(id), i, before); });
  }
}

void spread_held(RowContext& rows) {
  ir::Builder& b = rows.builder;
  for (const int id : rows.stage.nodes) {
    if (rows.g[id].op->kind != Kind::hold) continue;
    if (rows.elements(id) > 1) {
      if (rows.ticks.hop > 1) spread_held_rows(rows, id);
      continue;
    }
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

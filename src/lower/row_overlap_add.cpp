// The step that adds frames to the sums of this frame and the coming ones.

#include "lower/row_steps.h"
#include "lower/rows.h"

namespace dgen::lower {

using ir::Value;

namespace {

/// Frames [..., size] of a value with a shape: a row of sums for each of their elements.
void add_shaped(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  const std::int64_t size = rows.g[id].attributes.size, leads = rows.elements(id);
  const Row from = rows.row(rows.g[id].inputs[0]);
  const int sums = rows.buffers.added.at(id);
  const Value width = rows.whole(rows.stride(id));
  b.loop(rows.whole(0), rows.whole(size), false, [&](Value j) {
    const Value frame = rows.ticks.local + (rows.backward ? rows.whole(size - 1) - j : j);
    const Value to = rows.whole(sums_margin) + frame * width;
    b.loop(rows.whole(0), rows.whole(leads), true, [&](Value e) {
      const Value lead = b.broadcast(e) + b.lane();
      const Value inside = lead < b.broadcast(rows.whole(leads));
      const Value index = select(inside, lead, b.broadcast(rows.whole(0))) * b.broadcast(rows.whole(size)) + b.broadcast(j);
      const Value x = select(inside, rows.gather(from, index), 0.0);
      b.store(sums, to + e, b.load(sums, to + e, true) + x);
    });
  });
}

}  // namespace

/// In reversed time the last element belongs to this frame.
void write_overlap_add_step(RowContext& rows, int id) {
  if (rows.g[id].type.shape.rank > 0) return add_shaped(rows, id);
  ir::Builder& b = rows.builder;
  const std::int64_t size = rows.g[id].attributes.size;
  const Row from = rows.row(rows.g[id].inputs[0]);
  const int sums = rows.buffers.added.at(id);
  const Value margin = rows.whole(sums_margin);
  b.loop(rows.whole(0), rows.whole(size), true, [&](Value e) {
    Value x = rows.load(from, e, true);
    if (size % ir::padding != 0) x = select(b.broadcast(e) + b.lane() < b.broadcast(rows.whole(size)), x, 0.0);
    if (rows.backward) {
      const Value to = margin + rows.ticks.local + rows.whole(size - 1) - e;
      b.store_back(sums, to, b.load_back(sums, to) + x);
    } else {
      const Value to = margin + rows.ticks.local + e;
      b.store(sums, to, b.load(sums, to, true) + x);
    }
  });
}

void move_overlaps(RowContext& rows) {
  ir::Builder& b = rows.builder;
  for (const int id : rows.stage.nodes) {
    if (rows.g[id].op->kind != Kind::overlap_add) continue;
    const int sums = rows.buffers.added.at(id);
    const std::int64_t width = rows.stride(id);
    const Value margin = rows.whole(sums_margin), size = rows.whole(rows.g[id].attributes.size * width);
    const Value gone = rows.ticks.frames * rows.whole(width);
    b.loop(rows.whole(0), size, true, [&](Value i) { b.store(sums, margin + i, b.load(sums, margin + gone + i, true)); });
    b.loop(rows.whole(0), gone, true, [&](Value i) { b.store(sums, margin + size + i, b.number({ir::Scalar::f32, true}, 0)); });
  }
}

}  // namespace dgen::lower

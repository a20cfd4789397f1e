// The step that adds frames to the sums of this frame and the coming ones.

#include "lower/row_steps.h"
#include "lower/rows.h"

namespace dgen::lower {

using ir::Value;

/// In reversed time the last element belongs to this frame.
void write_overlap_add_step(RowContext& rows, int id) {
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

}  // namespace dgen::lower

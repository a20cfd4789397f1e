// The step that gathers the window of a value with a shape from the rows of its past.

#include "lower/row_steps.h"

namespace dgen::lower {

using ir::Value;

/// Element j is the frame size - 1 - j frames ago; where time runs backward, the one j frames later in time.
void write_window_step(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  const int x = rows.g[id].inputs[0];
  const std::int64_t size = rows.g[id].attributes.size;
  const Ring& ring = rows.buffers.ring.at(x);
  const Value mask = b.broadcast(rows.whole(ring.capacity - 1)), width = b.broadcast(rows.whole(rows.stride(x)));
  const Row to = rows.row(id);
  const Value now = b.broadcast(rows.ticks.frame), oldest = b.broadcast(rows.ticks.frame - rows.whole(size - 1));
  b.loop(rows.whole(0), rows.whole(rows.elements(x)), false, [&](Value lead) {
    const Value base = to.base + lead * rows.whole(size), of_lead = b.broadcast(lead);
    b.loop(rows.whole(0), rows.whole(size), true, [&](Value j) {
      const Value frames = b.broadcast(j) + b.lane();
      const Value place = ((rows.backward ? now - frames : oldest + frames) & mask) * width + of_lead;
      b.store(to.buffer, base + j, b.gather(ring.buffer, place));
    });
  });
}

}  // namespace dgen::lower

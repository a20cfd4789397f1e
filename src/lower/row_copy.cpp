// The step that hands a value that lies in rows on to later stages and the host.

#include "lower/row_steps.h"

namespace dgen::lower {

using ir::Value;

void write_copy_step(RowContext& rows, int id) {
  const std::int64_t count = rows.elements(id);
  const Row from = rows.row(id);
  if (count == 1) return rows.publish(id, rows.whole(0), rows.builder.load(from.buffer, from.base, false));
  rows.builder.loop(rows.whole(0), rows.whole(count), true, [&](Value e) { rows.publish(id, e, rows.load(from, e, true)); });
}

}  // namespace dgen::lower

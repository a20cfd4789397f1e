#include "lower/row_operand.h"

#include "graph/elements.h"
#include "lower/access.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

RowOperand::RowOperand(RowContext& rows, int id) : RowOperand(rows, id, rows.g[id].type.shape) {}

RowOperand::RowOperand(RowContext& rows, int id, const Shape& shape) : rows_(rows), id_(id) {
  const std::int64_t count = rows.elements(id);
  if (count == 1) return;
  row_ = rows.row(id);
  if (count != shape.elements()) table_ = rows.buffers.index_table(broadcast_index(rows.g[id].type.shape, shape));
}

Value RowOperand::load(Value e, bool wide) const {
  if (row_.buffer < 0) return rows_.of(id_, e, wide ? 2 : 1);
  if (table_ < 0) return rows_.load(row_, e, wide);
  const Value place = rows_.builder.load(table_, e, wide);
  return wide ? rows_.gather(row_, place) : rows_.load(row_, place, false);
}

Value RowOperand::gather(Value index) const { return row_.buffer < 0 ? rows_.of(id_, index, 2) : rows_.gather(row_, index); }

Value inside_piece(RowContext& rows, Value e, std::int64_t count) {
  ir::Builder& b = rows.builder;
  return b.broadcast(e) + b.lane() < b.broadcast(rows.whole(count));
}

void store_piece(RowContext& rows, int buffer, Value base, Value e, std::int64_t count, Value value) {
  const Value place = base + e;
  if (count % ir::padding != 0) value = select(inside_piece(rows, e, count), value, rows.builder.load(buffer, place, true));
  rows.builder.store(buffer, place, value);
}

void clear_row(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  const Row to = rows.row(id);
  const bool wide = rows.elements(id) > 1;
  b.loop(rows.whole(0), rows.whole(rows.elements(id)), wide, [&](Value e) {
    b.store(to.buffer, to.base + e, b.number({Scalar::f32, wide}, 0));
  });
}

void each_number(RowContext& rows, std::int64_t count, const std::function<void(Value)>& body) {
  if (count == 1) return body(rows.whole(0));
  rows.builder.loop(rows.whole(0), rows.whole(count), false, body);
}

}  // namespace dgen::lower

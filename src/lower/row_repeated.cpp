#include "lower/row_repeated.h"

namespace dgen::lower {

using ir::Value;

RepeatedRows::RepeatedRows(RowContext& rows, const RowStep& step) {
  for (const int id : step.nodes) {
    for (const int input : rows.g[id].inputs) repeat(rows, input, rows.g[id].type.shape, step.count);
  }
}

const Row* RepeatedRows::find(int input, const Shape& shape) const {
  for (const One& one : all_) {
    if (one.input == input && one.shape == shape) return &one.row;
  }
  return nullptr;
}

void RepeatedRows::repeat(RowContext& rows, int input, const Shape& shape, std::int64_t count) {
  if (rows.elements(input) <= 1 || rows.elements(input) == count || find(input, shape)) return;
  const auto runs = runs_of(rows.g[input].type.shape, shape);
  const bool single = runs && runs->inner == 1 && runs->times >= ir::padding;
  if (!single && (!runs || runs->inner < ir::padding)) return;
  ir::Builder& b = rows.builder;
  const Row from = rows.row(input), to{rows.new_row(shape), rows.whole(0)};
  all_.push_back({input, shape, to});
  if (single) return repeat_elements(rows, from, to, *runs);
  const Value inner = rows.whole(runs->inner);
  b.loop(rows.whole(0), rows.whole(runs->lead), false, [&](Value lead) {
    b.loop(rows.whole(0), rows.whole(runs->times), false, [&](Value time) {
      const Value begin = (lead * rows.whole(runs->times) + time) * inner;
      b.loop(rows.whole(0), inner, true, [&](Value e) {  // what runs over the end is written again
        b.store(to.buffer, begin + e, rows.load(from, lead * inner + e, true));
      });
    });
  });
}

/// Each element as often as it is seen; what runs over the end is written again.
void RepeatedRows::repeat_elements(RowContext& rows, const Row& from, const Row& to, const Runs& runs) {
  ir::Builder& b = rows.builder;
  b.loop(rows.whole(0), rows.whole(runs.lead), false, [&](Value lead) {
    const Value x = b.broadcast(rows.load(from, lead, false));
    b.loop(rows.whole(0), rows.whole(runs.times), true,
           [&](Value e) { b.store(to.buffer, lead * rows.whole(runs.times) + e, x); });
  });
}

}  // namespace dgen::lower

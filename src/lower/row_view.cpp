// The steps of views and of their sums back: runs of elements a vector at a time, others by tables of places.

#include <algorithm>
#include <vector>

#include "base/index.h"
#include "lower/row_operand.h"
#include "lower/row_steps.h"
#include "lower/view_runs.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// The places where runs begin: a constant, or of run number r by a table.
class Places {
 public:
  Places(RowContext& rows, const std::vector<ViewRun>& runs, std::int64_t ViewRun::*place) : rows_(rows), first_(runs[0].*place) {
    if (runs.size() == 1) return;
    std::vector<std::int64_t> each;
    for (const ViewRun& run : runs) each.push_back(run.*place);
    table_ = rows.buffers.index_table(each);
  }
  Value of(Value run) const { return table_ < 0 ? rows_.whole(first_) : rows_.builder.load(table_, run, false); }

 private:
  RowContext& rows_;
  std::int64_t first_;
  int table_ = -1;
};

/// Copies runs of equal length and step.
void copy_runs(RowContext& rows, int input, int buffer, Value base, const std::vector<ViewRun>& runs) {
  ir::Builder& b = rows.builder;
  const RowOperand from(rows, input);
  const Places to(rows, runs, &ViewRun::to), source(rows, runs, &ViewRun::from);
  const std::int64_t length = runs[0].length;
  each_number(rows, static_cast<std::int64_t>(runs.size()), [&](Value run) {
    const Value begin = base + to.of(run), first = source.of(run);
    if (length == 1) return b.store(buffer, begin, from.load(first, false));
    const Value same = runs[0].step == 0 ? b.broadcast(from.load(first, false)) : Value{};
    b.loop(rows.whole(0), rows.whole(length), true,
           [&](Value e) { store_piece(rows, buffer, begin, e, length, same.builder ? same : from.load(first + e, true)); });
  });
}

/// Every element by a table; lanes are elements of the view.
void gather_elements(RowContext& rows, int id, const std::vector<std::int32_t>& map) {
  ir::Builder& b = rows.builder;
  const RowOperand from(rows, rows.g[id].inputs[0]);
  const Row to = rows.row(id);
  const bool gaps = std::find(map.begin(), map.end(), -1) != map.end();
  const int table = rows.buffers.index_table({map.begin(), map.end()});
  b.loop(rows.whole(0), rows.whole(rows.elements(id)), true, [&](Value e) {
    Value place = b.load(table, e, true);
    const Value inside = place >= b.broadcast(rows.whole(0));
    if (gaps) place = select(inside, place, b.broadcast(rows.whole(0)));
    const Value x = from.gather(place);
    b.store(to.buffer, to.base + e, gaps ? select(inside, x, 0.0) : x);
  });
}

/// For each of the places, the m-th element that goes there; -1: none.
std::vector<std::vector<std::int64_t>> sources_of(const std::vector<std::int32_t>& map, std::int64_t places) {
  std::vector<std::vector<std::int64_t>> sources;
  std::vector<std::size_t> count(static_cast<std::size_t>(places), 0);
  for (std::size_t e = 0; e < map.size(); ++e) {
    if (map[e] < 0) continue;
    const std::size_t m = count[at(map[e])]++;
    if (m == sources.size()) sources.emplace_back(static_cast<std::size_t>(places), -1);
    sources[m][at(map[e])] = static_cast<std::int64_t>(e);
  }
  return sources;
}

void add_runs(RowContext& rows, int id, const std::vector<ViewRun>& runs) {
  ir::Builder& b = rows.builder;
  clear_row(rows, id);
  const RowOperand from(rows, rows.g[id].inputs[0]);
  const Row to = rows.row(id);
  const Places given(rows, runs, &ViewRun::to), place(rows, runs, &ViewRun::from);
  const std::int64_t length = runs[0].length;
  each_number(rows, static_cast<std::int64_t>(runs.size()), [&](Value run) {
    const Value first = given.of(run), begin = to.base + place.of(run);
    b.loop(rows.whole(0), rows.whole(length), true, [&](Value e) {
      Value x = from.load(first + e, true);
      if (length % ir::padding != 0) x = select(inside_piece(rows, e, length), x, 0.0);
      b.store(to.buffer, begin + e, b.load(to.buffer, begin + e, true) + x);
    });
  });
}

/// Each place gathers what goes there; lanes are places.
void gather_sums(RowContext& rows, int id, const std::vector<std::vector<std::int64_t>>& sources) {
  ir::Builder& b = rows.builder;
  const RowOperand from(rows, rows.g[id].inputs[0]);
  const Row to = rows.row(id);
  const Value none = b.broadcast(rows.whole(0));
  b.loop(rows.whole(0), rows.whole(rows.elements(id)), true, [&](Value e) {
    Value sum = b.number({Scalar::f32, true}, 0);
    for (const std::vector<std::int64_t>& each : sources) {
      const Value source = b.load(rows.buffers.index_table(each), e, true);
      const Value there = source >= none;
      sum = sum + select(there, from.gather(select(there, source, none)), 0.0);
    }
    b.store(to.buffer, to.base + e, sum);
  });
}

/// One element after another.
void add_elements(RowContext& rows, int id, const std::vector<std::int32_t>& map) {
  ir::Builder& b = rows.builder;
  clear_row(rows, id);
  const RowOperand from(rows, rows.g[id].inputs[0]);
  const Row to = rows.row(id);
  std::vector<std::int64_t> given, places;
  for (std::size_t e = 0; e < map.size(); ++e) {
    if (map[e] >= 0) given.push_back(static_cast<std::int64_t>(e)), places.push_back(map[e]);
  }
  const int from_table = rows.buffers.index_table(given), to_table = rows.buffers.index_table(places);
  each_number(rows, static_cast<std::int64_t>(given.size()), [&](Value k) {
    const Value place = to.base + b.load(to_table, k, false);
    b.store(to.buffer, place, b.load(to.buffer, place, false) + from.load(b.load(from_table, k, false), false));
  });
}

}  // namespace

void write_view_step(RowContext& rows, int id) {
  const Node& node = rows.g[id];
  const std::vector<std::int32_t>& map = *node.attributes.map;
  std::vector<std::int64_t> counts;
  for (const int x : node.inputs) counts.push_back(rows.elements(x));
  const ViewRuns runs = view_runs(map, counts);
  if (node.inputs.size() == 1 && rows.elements(id) > 1 && !runs.by_vectors()) return gather_elements(rows, id, map);
  if (runs.gaps) clear_row(rows, id);
  const Row to = rows.row(id);
  for (std::size_t k = 0; k < runs.of_input.size(); ++k) {
    for (const std::vector<ViewRun>& alike : runs.of_input[k]) copy_runs(rows, node.inputs[k], to.buffer, to.base, alike);
  }
}

void write_view_sum_step(RowContext& rows, int id) {
  constexpr std::size_t most_gathers = 16;
  const Node& node = rows.g[id];
  const std::vector<std::int32_t>& map = *node.attributes.map;
  const std::vector<std::int64_t> counts{rows.elements(id)};
  const ViewRuns runs = view_runs(map, counts);
  if (runs.is_one_form() && runs.of_input[0][0][0].step == 1 && runs.by_vectors()) return add_runs(rows, id, runs.of_input[0][0]);
  const auto sources = sources_of(map, rows.elements(id));
  if (rows.elements(id) > 1 && sources.size() <= most_gathers) return gather_sums(rows, id, sources);
  add_elements(rows, id, map);
}

}  // namespace dgen::lower

#include "lower/row_sums.h"

#include <array>
#include <utility>
#include <vector>

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// Neighbouring lanes of two vectors added: first those of x[0], then those of x[1], and so on.
std::vector<Value> neighbours_added(const std::vector<Value>& x) {
  std::vector<Value> y;
  for (std::size_t k = 0; k < x.size(); k += 2) y.push_back(even_lanes(x[k], x[k + 1]) + odd_lanes(x[k], x[k + 1]));
  return y;
}

using Pattern = std::array<std::int8_t, 16>;

/// What a step of `quads_added` adds of two vectors a and b. The first two steps stay within quads, four lanes each, which
/// every processor permutes with one cheap instruction: (a0 b0 a1 b1) + (a2 b2 a3 b3), then (a0 a1 b0 b1) + (a2 a3 b2 b3).
/// Later ones add whole quads: even ones of a and b to odd ones.
std::pair<Pattern, Pattern> halves_to_add(int step, int lanes) {
  Pattern low{}, high{};
  for (int k = 0; k < lanes; ++k) {
    const int quad = k / 4, place = k % 4, quads = lanes / 4;
    int from = 0, far = 2;  // lanes of a, and of b from `lanes` on
    if (step == 0) {
      from = 4 * quad + place / 2 + (place % 2) * lanes;
    } else if (step == 1) {
      from = 4 * quad + place % 2 + (place / 2) * lanes;
    } else {
      from = 8 * (quad % (quads / 2)) + place + (quad < quads / 2 ? 0 : lanes);
      far = 4;
    }
    low[static_cast<std::size_t>(k)] = static_cast<std::int8_t>(from);
    high[static_cast<std::size_t>(k)] = static_cast<std::int8_t>(from + far);
  }
  return {low, high};
}

/// As many sums as `x` has vectors, of `lanes` lanes each, in order: vectors of sums.
std::vector<Value> sums_of_vectors(ir::Builder& b, std::vector<Value> x, int lanes) {
  const auto used = static_cast<std::size_t>(lanes);
  for (int step = 0; 1 << step < lanes; ++step) {
    const auto [low, high] = halves_to_add(step, lanes);
    std::vector<Value> y;
    for (std::size_t k = 0; k < x.size(); k += 2)
      y.push_back(b.permute(x[k], x[k + 1], std::span(low).first(used)) + b.permute(x[k], x[k + 1], std::span(high).first(used)));
    x = std::move(y);
  }
  return x;
}

/// Of 16 vectors from tick `first` on; after log2(lanes) steps they are as many vectors of sums, tick by tick.
void write_sums_of_ticks(RowContext& rows, int id, Value first) {
  ir::Builder& b = rows.builder;
  std::vector<Value> x;
  for (std::int64_t k = 0; k < ir::padding; ++k)
    x.push_back(b.load(rows.partial.at(id), (first + rows.whole(k)) * rows.whole(ir::padding), true));
  const auto store = [&](const std::vector<Value>& sums, std::int64_t lanes) {
    for (std::size_t k = 0; k < sums.size(); ++k)
      b.store(rows.scratch.at(id), first + rows.whole(static_cast<std::int64_t>(k) * lanes), sums[k]);
  };
  if (const int lanes = b.module().lanes; lanes > 0) return store(sums_of_vectors(b, std::move(x), lanes), lanes);
  for (std::int64_t lanes = 2; lanes <= ir::padding; lanes *= 2) {
    x = neighbours_added(x);
    if (lanes == 2) continue;  // there are no vectors of two
    b.branch(b.lanes() == rows.whole(lanes), [&] { store(x, lanes); });
  }
}

}  // namespace

/// Each shift adds as many lanes below as are added up already: the last lane has the sum.
Value sum_of_lanes(ir::Builder& b, Value x) {
  const Value zero = b.number({Scalar::f32, true}, 0);
  for (int by = 1; by < ir::padding; by *= 2) x = x + b.shift_up(x, by, zero);
  return b.last(x);
}

/// It is stored as a vector, behind which later ticks come.
void write_sum(RowContext& rows, int id, Value partial) {
  ir::Builder& b = rows.builder;
  const Value sum = sum_of_lanes(b, partial);
  if (!rows.once) return b.store(rows.scratch.at(id), rows.ticks.in_group, sum);
  // A number that stays has no room behind it.
  b.store(rows.lanes, rows.whole(0), sum);
  const Value total = b.load(rows.lanes, rows.whole(0), false);
  b.store(rows.scratch.at(id), rows.whole(0), total);
  rows.publish(id, rows.whole(0), total);
}

void write_sums_of_block(RowContext& rows, int id) {
  ir::Builder& b = rows.builder;
  if (rows.ticks.group % ir::padding != 0) {
    rows.each_tick(
        [&] { write_sum(rows, id, b.load(rows.partial.at(id), rows.ticks.in_group * rows.whole(ir::padding), true)); });
    return;
  }
  // Ticks behind the last are added up, too: nobody reads them.
  const Value groups = (rows.ticks.in_block + rows.whole(ir::padding - 1)) >> 4;
  b.loop(rows.whole(0), groups, false, [&](Value number) { write_sums_of_ticks(rows, id, number * rows.whole(ir::padding)); });
}

}  // namespace dgen::lower

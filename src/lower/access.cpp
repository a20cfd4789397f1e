#include "lower/access.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

Value whole(ir::Builder& b, std::int64_t value) { return b.integer({Scalar::i32, false}, value); }

Value whole_frames(Value time, std::int64_t least, std::int64_t most) {
  const Value low = like(time, static_cast<double>(least)), high = like(time, static_cast<double>(most));
  const Value inside = select(time >= low, min(floor(time), high), low);
  return convert(Scalar::i32, inside);
}

TableIndex table_index(Value number, std::int64_t size, Bound bound) {
  const Value zero = like(number, 0), last = like(number, static_cast<double>(size - 1));
  Value at = floor(number);
  TableIndex found;
  if (bound == Bound::wrap) at = at - like(at, static_cast<double>(size)) * floor(at / like(at, static_cast<double>(size)));
  if (bound == Bound::zero) found.inside = (at >= zero) & (at <= last);
  at = select(at >= zero, min(at, last), zero);  // NaN becomes 0
  found.index = convert(Scalar::i32, at);
  return found;
}

void store_to_history(ir::Builder& b, const Ring& history, Value frame, Value value) {
  const Value index = frame & whole(b, history.capacity - 1);
  b.store(history.buffer, index, value);
  b.store(history.buffer, index + whole(b, history.capacity), value);
  if (!value.type().wide) return;
  b.branch(index > whole(b, history.capacity - ir::padding), [&] {  // as in a ring
    const Value again = b.load(history.buffer, whole(b, history.capacity), true);
    b.store(history.buffer, whole(b, 0), again);
  });
}

void store_to_ring(ir::Builder& b, const Ring& ring, Value frame, Value value) {
  const Value index = frame & whole(b, ring.capacity - 1);
  b.store(ring.buffer, index, value);
  b.branch(index < whole(b, ring.mirror), [&] { b.store(ring.buffer, index + whole(b, ring.capacity), value); });
  if (!value.type().wide) return;
  // A vector that ran over the end went into the second copy of the first elements: bring the first copy up to date.
  b.branch(index > whole(b, ring.capacity - ir::padding), [&] {
    const Value again = b.load(ring.buffer, whole(b, ring.capacity), true);
    b.store(ring.buffer, whole(b, 0), again);
  });
}

void update_mirrors(ir::Builder& b, std::span<const Ring> rings, Value first, Value frames) {
  const int size = rings.front().capacity;
  const Value zero = whole(b, 0), capacity = whole(b, size), mirror = whole(b, rings.front().mirror);
  const Value begin = first & whole(b, size - 1), end = begin + frames;
  b.rare_branch(end > capacity, [&] {
    for (const Ring& ring : rings)
      b.loop(zero, end - capacity, true, [&](Value i) { b.store(ring.buffer, i, b.load(ring.buffer, capacity + i, true)); });
  });
  b.rare_branch(begin < mirror, [&] {
    const Value left = mirror - begin, count = select(frames < left, frames, left);
    for (const Ring& ring : rings) {
      b.loop(zero, count, true,
             [&](Value i) { b.store(ring.buffer, capacity + begin + i, b.load(ring.buffer, begin + i, true)); });
    }
  });
}

}  // namespace dgen::lower

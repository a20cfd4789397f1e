#include "lower/element_ops.h"

#include <algorithm>

#include "base/index.h"
#include "dgen/error.h"
#include "graph/elements.h"
#include "graph/tensor_elements.h"
#include "lower/access.h"
#include "lower/divided.h"
#include "lower/pointwise.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

using Places = std::vector<std::int64_t>;

/// Which elements of x each element of a contract adds up, one list behind another of equal length.
std::vector<Places> summed_places(const Graph& g, int contract) {
  const Places index = broadcast_index(g[contract].type.shape, g[g[contract].inputs[0]].type.shape);
  std::vector<Places> places(static_cast<std::size_t>(g[contract].type.shape.elements()));
  for (std::size_t e = 0; e < index.size(); ++e)
    places[static_cast<std::size_t>(index[e])].push_back(static_cast<std::int64_t>(e));
  return places;
}

std::int64_t extent_from_end(const Shape& shape, int axis) { return shape.extent[at(shape.rank - axis)]; }

}  // namespace

Value ElementOps::place(const Places& map, Value e) const {
  if (std::ranges::all_of(map, [&](std::int64_t p) { return p == map[0]; })) return whole(b, map[0]);
  const std::int64_t step = map[1] - map[0];
  bool straight = true;
  for (std::size_t k = 1; k < map.size(); ++k) straight = straight && map[k] - map[k - 1] == step;
  if (!straight) return b.load(buffers.index_table(map), e, false);
  const Value scaled = step == 1 ? e : e * whole(b, step);
  return map[0] == 0 ? scaled : scaled + whole(b, map[0]);
}

Value ElementOps::sum(Value begin, Value end, const std::function<Value(Value)>& term) const {
  const ir::Local total = b.local("total", b.number({Scalar::f32, false}, 0));
  b.loop(begin, end, false, [&](Value k) { total.set(total.get() + term(k)); });
  return total.get();
}

Value ElementOps::broadcast_input(int id, std::size_t k, Value e) const {
  const Shape &from = g[g[id].inputs[k]].type.shape, &to = g[id].type.shape;
  if (from.elements() == 1) return load(g[id].inputs[k], whole(b, 0));
  if (from.elements() == to.elements()) return load(g[id].inputs[k], e);
  return load(g[id].inputs[k], place(broadcast_index(from, to), e));
}

Value ElementOps::compute(int id, Value e) const {
  const Node& node = g[id];
  switch (node.op->kind) {
    case Kind::pointwise: {
      std::vector<Value> x;
      for (std::size_t k = 0; k < node.inputs.size(); ++k) x.push_back(broadcast_input(id, k, e));
      return lower_pointwise(*node.op, b, x);
    }
    case Kind::expand: return broadcast_input(id, 0, e);
    case Kind::reshape: return load(node.inputs[0], e);
    case Kind::contract: {
      const std::int64_t summed = g[node.inputs[0]].type.shape.elements() / node.type.shape.elements();
      return summed == 1 ? load(node.inputs[0], e) : partial_sum(id, e, whole(b, 0), whole(b, summed));
    }
    case Kind::view: return view(id, e);
    case Kind::view_sum: return view_sum(id, e);
    case Kind::linear: return linear(id, e);
    case Kind::outer: return outer(id, e);
    case Kind::matmul: return matmul(id, e);
    case Kind::extremum: return extremum(id, e);
    case Kind::take: return take(id, e);
    case Kind::scatter_add: return scatter_add(id, e);
    default:
      throw InternalError("internal error, this must hold: a device computes no elements of " + std::string(node.op->name));
  }
}

/// Axes that are summed over and those that are kept are apart, so that every list of places is the first one, moved.
Value ElementOps::partial_sum(int contract, Value e, Value begin, Value end) const {
  const std::vector<Places> places = summed_places(g, contract);
  Places first;
  for (const Places& one : places) first.push_back(one[0]);
  Places offset = places[0];
  for (std::int64_t& p : offset) p -= places[0][0];
  const Value base = place(first, e);
  return sum(begin, end, [&](Value k) { return load(g[contract].inputs[0], base + place(offset, k)); });
}

/// Inputs lie one behind another; each is read at a place inside it.
Value ElementOps::view(int id, Value e) const {
  const Node& node = g[id];
  const std::vector<std::int32_t>& map = *node.attributes.map;
  const Value from = place(Places(map.begin(), map.end()), e);
  const Value zero = whole(b, 0);
  const bool gaps = std::ranges::find(map, -1) != map.end();
  Value value{};
  std::int64_t begin = 0;
  for (const int x : node.inputs) {
    const std::int64_t count = g[x].type.shape.elements();
    const Value local = begin == 0 ? from : from - whole(b, begin);
    const Value inside = (zero <= local) & (local < whole(b, count));
    const bool always = node.inputs.size() == 1 && !gaps;
    const Value here = load(x, always ? local : ir::select(inside, local, zero));
    value = always ? here : ir::select(inside, here, value.builder ? value : b.number({Scalar::f32, false}, 0));
    begin += count;
  }
  return value;
}

/// Every element gathers what is added to it, in order: lists of places, one behind another.
Value ElementOps::view_sum(int id, Value e) const {
  const Node& node = g[id];
  const std::vector<std::int32_t>& map = *node.attributes.map;
  std::vector<Places> sources(static_cast<std::size_t>(node.type.shape.elements()));
  for (std::size_t k = 0; k < map.size(); ++k) {
    if (map[k] >= 0) sources[static_cast<std::size_t>(map[k])].push_back(static_cast<std::int64_t>(k));
  }
  Places begins{0}, all;
  for (const Places& one : sources) {
    all.insert(all.end(), one.begin(), one.end());
    begins.push_back(static_cast<std::int64_t>(all.size()));
  }
  if (all.empty()) return b.number({Scalar::f32, false}, 0);
  const Places ends(begins.begin() + 1, begins.end());
  begins.pop_back();
  return sum(place(begins, e), place(ends, e), [&](Value k) { return load(node.inputs[0], place(all, k)); });
}

Value ElementOps::linear(int id, Value e) const {
  const Node& node = g[id];
  const Shape& matrix = g[node.inputs[1]].type.shape;
  const bool transposed = node.attributes.size == 1;
  const std::int64_t rows = matrix.extent[0], columns = matrix.extent[1];
  const std::int64_t outputs = transposed ? columns : rows, inputs = transposed ? rows : columns;
  const Value lead = divided(b, e, outputs), o = e - lead * whole(b, outputs);
  return sum(whole(b, 0), whole(b, inputs), [&](Value i) {
    const Value entry = transposed ? i * whole(b, columns) + o : o * whole(b, columns) + i;
    return load(node.inputs[1], entry) * load(node.inputs[0], lead * whole(b, inputs) + i);
  });
}

Value ElementOps::outer(int id, Value e) const {
  const Node& node = g[id];
  const std::int64_t rows = node.type.shape.extent[0], columns = node.type.shape.extent[1];
  const Value n = divided(b, e, columns), m = e - n * whole(b, columns);
  return sum(whole(b, 0), whole(b, g[node.inputs[0]].type.shape.elements() / rows), [&](Value l) {
    return load(node.inputs[0], l * whole(b, rows) + n) * load(node.inputs[1], l * whole(b, columns) + m);
  });
}

Value ElementOps::matmul(int id, Value e) const {
  const Node& node = g[id];
  const bool left = node.attributes.size & 1, right = node.attributes.size & 2;  // transposed
  const Shape &shape = node.type.shape, &a = g[node.inputs[0]].type.shape, &other = g[node.inputs[1]].type.shape;
  const std::int64_t rows = extent_from_end(shape, 2), columns = extent_from_end(shape, 1),
                     inner = extent_from_end(a, left ? 2 : 1);
  const Value matrix = divided(b, e, rows * columns), in_matrix = e - matrix * whole(b, rows * columns);
  const Value i = divided(b, in_matrix, columns), j = in_matrix - i * whole(b, columns);
  const Value from_a = place(matrix_index(a, shape), matrix) * whole(b, rows * inner);
  const Value from_b = place(matrix_index(other, shape), matrix) * whole(b, inner * columns);
  return sum(whole(b, 0), whole(b, inner), [&](Value k) {
    const Value in_a = left ? k * whole(b, rows) + i : i * whole(b, inner) + k;
    const Value in_b = right ? j * whole(b, inner) + k : k * whole(b, columns) + j;
    return load(node.inputs[0], from_a + in_a) * load(node.inputs[1], from_b + in_b);
  });
}

Value ElementOps::extremum(int id, Value e) const {
  const Node& node = g[id];
  const Along along(g[node.inputs[0]].type.shape, node.attributes.axis);
  const Value outer = divided(b, e, along.inner), inner = e - outer * whole(b, along.inner);
  const auto at_place = [&](Value k) {
    return load(node.inputs[0], (outer * whole(b, along.extent) + k) * whole(b, along.inner) + inner);
  };
  const ir::Local best = b.local("best", at_place(whole(b, 0))), where = b.local("where", b.number({Scalar::f32, false}, 0));
  b.loop(whole(b, 1), whole(b, along.extent), false, [&](Value k) {
    const Value next = at_place(k), better = node.attributes.size == 1 ? next < best.get() : best.get() < next;
    where.set(ir::select(better, convert(Scalar::f32, k), where.get()));
    best.set(ir::select(better, next, best.get()));
  });
  return where.get();
}

Value ElementOps::take(int id, Value e) const {
  const Node& node = g[id];
  const Along to(node.type.shape, node.attributes.axis);
  const Shape& from = g[node.inputs[0]].type.shape;
  const std::int32_t size = from.extent[at(node.attributes.axis)];
  const TableIndex k = table_index(broadcast_input(id, 1, e), size, node.attributes.bound);
  const Value outer = divided(b, e, to.extent * to.inner), inner = remainder(b, e, to.inner);
  const Value from_place = (outer * whole(b, size) + k.index) * whole(b, to.inner) + inner;
  const Places spread = broadcast_index(from, with_extent(node.type.shape, node.attributes.axis, size));
  const Value x = load(node.inputs[0], place(spread, from_place));
  return k.inside.builder ? select(k.inside, x, 0.0) : x;
}

/// A gather: every element asks all that may be added to it, in order.
Value ElementOps::scatter_add(int id, Value e) const {
  const Node& node = g[id];
  const Shape& from = g[node.inputs[0]].type.shape;
  const Along along(from, node.attributes.axis);
  const std::int64_t size = node.attributes.size;
  const Value line = divided(b, e, along.inner), inner = e - line * whole(b, along.inner);
  const Value outer = divided(b, line, size), own = line - outer * whole(b, size);
  const Places index = broadcast_index(g[node.inputs[1]].type.shape, from);
  return sum(whole(b, 0), whole(b, along.extent), [&](Value j) {
    const Value source = (outer * whole(b, along.extent) + j) * whole(b, along.inner) + inner;
    const TableIndex k = table_index(load(node.inputs[1], place(index, source)), size, node.attributes.bound);
    Value here = k.index == own;
    if (k.inside.builder) here = here & k.inside;
    return select(here, load(node.inputs[0], source), 0.0);
  });
}

void ElementOps::cumulate(int id, Value line, const std::function<void(Value, Value)>& store) const {
  const Node& node = g[id];
  const Along along(node.type.shape, node.attributes.axis);
  const bool from_end = node.attributes.size == 1;
  const Value outer = divided(b, line, along.inner), inner = line - outer * whole(b, along.inner);
  const auto element_of = [&](Value n) {
    const Value k = from_end ? whole(b, along.extent - 1) - n : n;
    return (outer * whole(b, along.extent) + k) * whole(b, along.inner) + inner;
  };
  const Value first = element_of(whole(b, 0));
  const ir::Local before = b.local("before", load(node.inputs[0], first));
  store(first, before.get());
  b.loop(whole(b, 1), whole(b, along.extent), false, [&](Value n) {
    const Value e = element_of(n);
    before.set(load(node.inputs[0], e) + broadcast_input(id, 1, e) * before.get());
    store(e, before.get());
  });
}

}  // namespace dgen::lower

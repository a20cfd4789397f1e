#include "schedule/product_tiles.h"

#include <algorithm>

#include "base/index.h"
#include "graph/tensor_elements.h"
#include "schedule/device_schedule.h"

namespace dgen::schedule {

namespace {

constexpr std::int64_t most_rows = 65535;  ///< of a launch on CUDA

std::int64_t extent_from_end(const Shape& shape, int axis) { return shape.extent[at(shape.rank - axis)]; }

Product of_matmul(const Graph& g, int id) {
  const Node& node = g[id];
  const Shape &y = node.type.shape, &a = g[node.inputs[0]].type.shape, &b = g[node.inputs[1]].type.shape;
  const bool left = node.attributes.size & 1, right = node.attributes.size & 2;  // transposed
  Product made{.rows = extent_from_end(y, 2),
               .columns = extent_from_end(y, 1),
               .inner = extent_from_end(a, left ? 2 : 1),
               .left_turned = left,
               .right_turned = right,
               .left = matrix_index(a, y),
               .right = matrix_index(b, y)};
  made.matrices = static_cast<std::int64_t>(made.left.size());
  const bool one_right = b.elements() == made.inner * made.columns,
             every_left = a.elements() == y.elements() / made.columns * made.inner;
  if (!one_right || !every_left || left) return made;
  made.rows *= made.matrices;  // rows of all matrices lie below each other
  made.matrices = 1, made.left = made.right = {0};
  return made;
}

/// y = W x of every vector x.
Product of_linear(const Graph& g, int id) {
  const Node& node = g[id];
  const Shape& matrix = g[node.inputs[1]].type.shape;
  const bool transposed = node.attributes.size == 1;
  const std::int64_t columns = matrix.extent[transposed ? 1 : 0];
  return {.rows = node.type.shape.elements() / columns,
          .columns = columns,
          .inner = matrix.extent[transposed ? 0 : 1],
          .right_turned = !transposed,
          .left = {0},
          .right = {0}};
}

/// Sums of the outer products of vectors.
Product of_outer(const Graph& g, int id) {
  const Shape& y = g[id].type.shape;
  return {.rows = y.extent[0],
          .columns = y.extent[1],
          .inner = g[g[id].inputs[0]].type.shape.elements() / y.extent[0],
          .left_turned = true,
          .left = {0},
          .right = {0}};
}

}  // namespace

std::optional<Product> tiled_product(const Graph& g, int id, const ir::GroupLimits& limits) {
  const Kind kind = g[id].op->kind;
  const bool multiplies = kind == Kind::matmul || kind == Kind::linear || kind == Kind::outer;
  if (!multiplies || !moves(g[id].type)) return {};
  Product made = kind == Kind::matmul ? of_matmul(g, id) : kind == Kind::linear ? of_linear(g, id) : of_outer(g, id);
  made.ticks_together = g[g[id].inputs[1]].type.clock <= Clock::control;
  for (const std::int64_t side : {16, 8}) {
    made.side = side;
    const bool fits = made.group() <= limits.items && 2 * made.tile_elements() * ir::bytes(ir::Scalar::f32) <= limits.bytes;
    if (made.ticks_together && made.matrices * made.tiles(made.columns) > most_rows) continue;
    const bool tall = made.ticks_together || 2 * made.rows >= side;
    if (fits && tall && 2 * made.columns >= side && 2 * made.inner >= side) return made;
  }
  return {};
}

}  // namespace dgen::schedule

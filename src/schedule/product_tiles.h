#pragma once
// Products of matrices that groups of work items of a device multiply by square tiles, each of which they read once.

#include <optional>

#include "dgen/graph.h"
#include "ir/ir.h"

namespace dgen::schedule {

/// One matrix product, or several, every tick: y[i][j] = sum over k of a[i][k] b[k][j].
struct Product {
  std::int64_t matrices = 1, rows = 1, columns = 1, inner = 1;
  bool left_turned = false, right_turned = false;  ///< the operand lies as its transpose
  /// The right matrices are the same at all ticks, whose rows stand below each other then: rows of many ticks share a tile.
  bool ticks_together = false;
  std::vector<std::int64_t> left{}, right{};  ///< by matrix: which of the operands' it multiplies

  std::int64_t side = 16;  ///< of a tile
  std::int64_t tiles(std::int64_t extent) const { return (extent + side - 1) / side; }
  int group() const { return static_cast<int>(side * side); }
  /// Elements of a tile; rows lie a bank further apart than they are long, so that columns are read at once, too.
  std::int64_t tile_elements() const { return side * (side + 1); }
};

/// A product and its tiles; none for other nodes, for matrices smaller than tiles, and where groups are too small.
std::optional<Product> tiled_product(const Graph& graph, int id, const ir::GroupLimits& limits);

}  // namespace dgen::schedule

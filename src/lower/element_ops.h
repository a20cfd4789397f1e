#pragma once
// Ops on values with shapes, one element at a time: what a work item of a device computes.

#include <cstdint>
#include <functional>
#include <vector>

#include "ir/builder.h"
#include "lower/buffers.h"

namespace dgen::lower {

/// Sees the elements of other nodes through `load`.
struct ElementOps {
  const Graph& g;
  ir::Builder& b;
  Buffers& buffers;
  std::function<ir::Value(int id, ir::Value e)> load;

  /// Element e of a node of any kind but those that relate frames or ticks.
  ir::Value compute(int id, ir::Value e) const;
  /// The sum of the elements begin … end - 1 of those that element e of a contract adds up.
  ir::Value partial_sum(int contract, ir::Value e, ir::Value begin, ir::Value end) const;
  /// All elements of a line of a cumulate, one after another.
  void cumulate(int id, ir::Value line, const std::function<void(ir::Value e, ir::Value value)>& store) const;

 private:
  ir::Value broadcast_input(int id, std::size_t k, ir::Value e) const;
  ir::Value view(int id, ir::Value e) const;
  ir::Value view_sum(int id, ir::Value e) const;
  ir::Value linear(int id, ir::Value e) const;
  ir::Value outer(int id, ir::Value e) const;
  ir::Value matmul(int id, ir::Value e) const;
  ir::Value extremum(int id, ir::Value e) const;
  ir::Value take(int id, ir::Value e) const;
  ir::Value scatter_add(int id, ir::Value e) const;
  ir::Value sum(ir::Value begin, ir::Value end, const std::function<ir::Value(ir::Value k)>& term) const;
  /// map[e]: by arithmetic where that will do, else from a table.
  ir::Value place(const std::vector<std::int64_t>& map, ir::Value e) const;
};

}  // namespace dgen::lower

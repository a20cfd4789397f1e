#pragma once
// The elements of a step's input, wherever they lie, and stores that keep to their rows.

#include <vector>

#include "lower/row_context.h"

namespace dgen::lower {

/// An input at a tick, also one that has no row: a constant or control value of one element.
class RowOperand {
 public:
  /// In its own shape.
  RowOperand(RowContext& rows, int id);
  /// Broadcast to `shape`.
  RowOperand(RowContext& rows, int id, const Shape& shape);

  /// Elements e … (one where not wide).
  ir::Value load(ir::Value e, bool wide) const;
  /// A vector of elements picked by a vector of i32.
  ir::Value gather(ir::Value index) const;

 private:
  RowContext& rows_;
  const int id_;
  Row row_{};       ///< of more than one element
  int table_ = -1;  ///< where it is broadcast along some axes: which element is which
};

/// Stores the elements e … of a piece of `count` elements that begins at `base`; what lies behind the piece stays.
void store_piece(RowContext& rows, int buffer, ir::Value base, ir::Value e, std::int64_t count, ir::Value value);

/// A mask: which of the lanes are elements e … of `count`.
ir::Value inside_piece(RowContext& rows, ir::Value e, std::int64_t count);

/// Sets all elements of the node's row to 0.
void clear_row(RowContext& rows, int id);

/// A loop over 0 … count - 1; none where that is one.
void each_number(RowContext& rows, std::int64_t count, const std::function<void(ir::Value)>& body);

}  // namespace dgen::lower

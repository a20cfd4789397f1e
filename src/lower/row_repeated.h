#pragma once
// Inputs of a step over elements that are broadcast by repeating runs of neighbours, or single elements many times, written
// out once a tick before its loop: no element is looked up.

#include <vector>

#include "lower/row_context.h"
#include "lower/row_runs.h"

namespace dgen::lower {

class RepeatedRows {
 public:
  RepeatedRows() = default;
  /// Writes the rows that the step needs.
  RepeatedRows(RowContext& rows, const RowStep& step);

  /// The row of `input` broadcast to `shape`; null where there is none.
  const Row* find(int input, const Shape& shape) const;

 private:
  struct One {
    int input;
    Shape shape;
    Row row;
  };
  void repeat(RowContext& rows, int input, const Shape& shape, std::int64_t count);
  void repeat_elements(RowContext& rows, const Row& from, const Row& to, const Runs& runs);
  std::vector<One> all_;
};

}  // namespace dgen::lower

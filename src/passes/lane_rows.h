#pragma once
// The numbers and rows that the body of a loop over lanes takes, put together of what is there.

#include <map>
#include <span>
#include <utility>
#include <vector>

#include "passes/lane_order.h"

namespace dgen::passes {

/// A number in the new body: an element of a row, or where `index` is -1 a node of its own.
struct Element {
  int signal = -1;
  int index = -1;
  bool operator==(const Element&) const = default;
};

/// What a lane takes: a node of the old body, or where that is -1 a number.
struct Source {
  int node = -1;
  double number = 0;
};

/// Of so many numbers.
Shape vector_shape(std::size_t count);

class LaneRows {
 public:
  /// body: of the new loop; out: the graph around it, and `map` to it from that around the old one.
  LaneRows(const RecurBody& loop, const LaneOrder& order, Graph& body, Graph& out, std::span<const int> map);

  /// A node of the old body that stays a number is node `made` of the new one.
  void keep_number(int old, int made) { numbers_[old] = made; }
  /// Where the lanes of class c are.
  std::vector<Element>& lanes(std::size_t c) { return values_[c]; }

  /// The element a source is; of several, the one behind `before`, or the one in the same lane.
  Element element(const Source& from, Element before, std::size_t lane);
  Signal as_number(Element x);
  /// A row of sources, or one number where they are all the same.
  Signal row(std::span<const Source> from);
  Signal gathered(std::span<const Element> elements, const Shape& shape);
  /// Numbers outside that rest, one behind another.
  Signal outer_row(const std::vector<Signal>& numbers);

  /// Another input of the loop: its number.
  int give(Signal outer);
  /// Nodes outside that are the loop's inputs.
  const std::vector<int>& inputs() const { return inputs_; }

 private:
  Signal signal(int id) const { return {&body_, id}; }
  Signal argument(int outer);
  Signal leaf(int id);
  bool rests(const Source& from) const;
  Signal outer_number(const Source& from);
  Signal resting_row(std::span<const Source> from);

  const RecurBody& loop_;
  const Graph& old_;
  const LaneOrder& order_;
  Graph& body_;
  Graph& out_;
  std::span<const int> map_;
  std::vector<int> inputs_;
  std::vector<std::vector<Element>> values_;                                     ///< by class, by lane
  std::vector<int> class_of_;                                                    ///< by node of the old body
  std::map<int, int> numbers_;                                                   ///< by node of the old body: what stays a number
  std::map<int, int> arguments_;                                                 ///< by node outside
  std::map<std::vector<int>, int> rows_;                                         ///< by numbers outside
  std::map<std::pair<std::vector<std::int32_t>, std::vector<int>>, int> views_;  ///< by map and inputs
};

}  // namespace dgen::passes

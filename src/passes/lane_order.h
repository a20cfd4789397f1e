#pragma once
// The lanes of the classes of a loop's body, in an order in which few of them meet others than their own.

#include <map>
#include <vector>

#include "passes/lane_classes.h"

namespace dgen::passes {

/// Lanes of the longest vectors: so many neighbours are looked at together.
inline constexpr std::size_t longest_vector = 16;

/// A node that others take from its class, layer by layer. Sources are nodes of the body; -1: a number.
struct Lane {
  int node = -1;
  struct Step {
    bool passes = true;
    int other = -1;
    double number = 0;
    bool core_first = true;
  };
  std::vector<Step> layers;  ///< as those of the class
  int base = -1;             ///< the node below them
};

struct OrderedClass {
  std::vector<const OpDef*> layers;
  std::vector<Lane> lanes;                         ///< some twice, so that groups that others take begin at whole vectors
  std::map<int, std::vector<std::size_t>> places;  ///< by node: where it is
};

/// A class, or a node that stays a number, in the order they are computed.
struct LaneUnit {
  bool is_class = false;
  int number = -1;
};

struct LaneOrder {
  std::vector<OrderedClass> classes;
  std::vector<LaneUnit> units;
};

/// Of what next states and results need; none where a class needs itself.
std::optional<LaneOrder> order_lanes(const RecurBody& loop, const LaneClasses& classes);

}  // namespace dgen::passes

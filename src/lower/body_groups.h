#pragma once
// How the body of a loop over values with shapes is gone through: nodes of as many elements, each of which needs of the others
// its own element only, together.

#include <vector>

#include "dgen/graph.h"

namespace dgen::lower {

struct BodyGroup {
  std::vector<int> nodes{};
  bool lines = false;  ///< one node, which runs along an axis
};

struct BodyGroups {
  std::vector<BodyGroup> groups;  ///< in the order of the body
  std::vector<int> stored;        ///< nodes with elements that others than their group's need
  std::vector<bool> follows;      ///< `schedule::follows_from_states`
};

BodyGroups group_body(const Recurrence& recurrence);

}  // namespace dgen::lower

#include "passes/loop_latency.h"

#include <algorithm>
#include <vector>

#include "base/index.h"

namespace dgen::passes {

double loop_latency(const Recurrence& recurrence) {
  const Graph& body = *recurrence.body;
  std::vector<double> depth(at(body.size()), -1);  // -1: no state on the way
  for (int id = 0; id < body.size(); ++id) {
    const Node& node = body[id];
    if (node.op->kind == Kind::state) depth[at(id)] = 0;
    for (const int x : node.inputs) {
      if (depth[at(x)] >= 0) depth[at(id)] = std::max(depth[at(id)], depth[at(x)] + loop_latency_of_one * node.op->cost);
    }
  }
  double longest = 0;
  for (const RecurrenceState& state : recurrence.states) longest = std::max(longest, depth[at(state.next)]);
  return longest;
}

}  // namespace dgen::passes

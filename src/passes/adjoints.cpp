#include "passes/adjoints.h"

#include "base/index.h"
#include "dgen/compare.h"
#include "dgen/math.h"
#include "dgen/time.h"

namespace dgen::passes {

void Adjoints::add(int node, Signal contribution, bool per_frame, Signal guard) {
  Sum& sum = sums_[at(node)];
  const bool over_frames = per_frame && graph_[node].type.clock != Clock::frame;
  Signal& total = over_frames ? sum.over_frames : sum.direct;
  total = total ? total + contribution : contribution;
  if (!sum.any) {
    sum.guard = guard;
  } else if (!guard || !sum.guard) {
    sum.guard = {};
  } else if (guard.id != sum.guard.id) {
    sum.guard = logical_or(sum.guard, guard);
  }
  sum.any = true;
}

Signal Adjoints::take(int node) {
  const Sum& sum = sums_[at(node)];
  if (!sum.over_frames) return sum.direct;
  const Signal summed = ops::time_sum(sum.over_frames);
  return sum.direct ? sum.direct + summed : summed;
}

Signal Adjoints::guard(int node) {
  Signal& guard = sums_[at(node)].guard;
  if (!guard || graph_[guard.id].type.clock <= graph_[node].type.clock) return guard;
  guard = gt(ops::time_sum(guard), 0.0);  // a control value is used where any frame uses it
  return guard;
}

}  // namespace dgen::passes

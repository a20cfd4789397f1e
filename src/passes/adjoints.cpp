#include "passes/adjoints.h"

#include "base/index.h"
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
    sum.guarded = static_cast<bool>(guard);
  } else if (!guard || guard.id != sum.guard.id) {
    sum.guarded = false;
  }
  sum.any = true;
}

Signal Adjoints::take(int node) {
  const Sum& sum = sums_[at(node)];
  if (!sum.over_frames) return sum.direct;
  const Signal summed = ops::time_sum(sum.over_frames);
  return sum.direct ? sum.direct + summed : summed;
}

Signal Adjoints::guard(int node) const { return sums_[at(node)].guarded ? sums_[at(node)].guard : Signal{}; }

}  // namespace dgen::passes

#include "passes/adjoints.h"

#include "base/index.h"
#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"

namespace dgen::passes {

namespace {

/// The sum over the ticks of `hop`, or over frames where it is 0, also of what is the same at each of them.
Signal summed_over_time(Signal x, std::int32_t hop) { return x.graph->add(ops::time_sum, std::span(&x, 1), {.hop = hop}); }

}  // namespace

Signal expanded(Signal x, Shape shape, Type like) {
  const Type type = (*x.graph)[x.id].type;
  if (type.shape == shape || like.clock != Clock::hop || type.clock == Clock::hop) return expand(x, shape);
  return x.graph->add(ops::expand, std::span(&x, 1), {.hop = like.hop, .shape = shape});
}

void Adjoints::add(int node, Signal contribution, Type use, Signal guard) {
  Sum& sum = sums_[at(node)];
  const Type type = graph_[node].type;  // a copy: the graph grows
  if (!broadcasts_to(graph_[contribution.id].type.shape, type.shape)) contribution = sum_to(contribution, type.shape);
  const bool over_time = moves(use) && type.clock <= Clock::control;
  check(over_time || !moves(use) || (type.clock == use.clock && type.hop == use.hop), "an op and its inputs are on one clock");
  Signal& total = !over_time ? sum.direct : use.clock == Clock::frame ? sum.over_frames : sum.over_ticks[use.hop];
  total = total ? total + contribution : contribution;
  if (!sum.any) {
    sum.guard = guard;
  } else if (!guard || !sum.guard) {
    sum.guard = {};
  } else if (guard.id != sum.guard.id) {
    sum.guard = logical_or(settled(node, sum.guard), settled(node, guard));
  }
  sum.any = true;
}

Signal Adjoints::take(int node) {
  const Sum& sum = sums_[at(node)];
  Signal total = sum.direct;
  const auto add = [&](Signal part) { total = total ? total + part : part; };
  if (sum.over_frames) add(summed_over_time(sum.over_frames, 0));
  for (const auto& [hop, ticks] : sum.over_ticks) add(summed_over_time(ticks, hop));
  return total ? expanded(total, graph_[node].type.shape, graph_[node].type) : total;
}

Signal Adjoints::guard(int node) {
  Signal& guard = sums_[at(node)].guard;
  if (guard) guard = settled(node, guard);
  return guard;
}

/// A guard no larger and no faster than the node.
Signal Adjoints::settled(int node, Signal guard) {
  const Type type = graph_[node].type;
  if (!broadcasts_to(graph_[guard.id].type.shape, type.shape))
    guard = gt(sum_to(guard, type.shape), 0.0);  // an element is used where any that it is broadcast to is
  if (graph_[guard.id].type.clock <= type.clock) return guard;
  return gt(ops::time_sum(guard), 0.0);  // a control value is used where any frame uses it
}

}  // namespace dgen::passes

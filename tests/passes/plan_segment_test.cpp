#include "passes/plan_segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "dgen/filters.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/time.h"

namespace {

using namespace dgen;
using passes::SegmentPlan;

/// y[n] = r y[n-1] + x[n]
Signal one_pole(Signal x, Signal rate) {
  const Signal past = ops::cell(x.graph->constant(0));
  const Signal y = rate * past + x;
  x.graph->close(past, y);
  return y;
}

SegmentPlan plan_of(Signal loss, std::span<const Signal> params) {
  std::vector<int> wanted{loss.id};
  for (const Signal d : gradient(loss, params).of) wanted.push_back(d.id);
  return passes::plan_segment(*loss.graph, wanted);
}

const passes::Crossing* crossing(const SegmentPlan& plan, Signal s) {
  const auto found = std::find_if(plan.crossings.begin(), plan.crossings.end(), [s](const auto& c) { return c.node == s.id; });
  return found == plan.crossings.end() ? nullptr : &*found;
}

TEST(PlanSegment, KeepsStatesAndWhatIsDear) {
  Graph g;
  const Signal rate = g.param("rate", 0.5), gain = g.param("gain", 2);
  const Signal y = one_pole(g.input(), rate);
  const Signal dear = tanh(gain * y), cheap = 2 * y;
  const Signal z = one_pole(dear * cheap, rate);
  const SegmentPlan plan = plan_of(ops::time_sum(z * z), std::array{rate, gain});
  ASSERT_EQ(plan.phases.size(), 3u);
  EXPECT_FALSE(plan.phases[0].phase.reversed);
  EXPECT_TRUE(plan.phases[1].phase.reversed);
  ASSERT_TRUE(crossing(plan, dear));
  EXPECT_TRUE(crossing(plan, dear)->kept);
  EXPECT_FALSE(crossing(plan, dear)->stateful);
  ASSERT_TRUE(crossing(plan, cheap));
  EXPECT_FALSE(crossing(plan, cheap)->kept);
}

TEST(PlanSegment, ComputesControlValuesWhereTheyAreUsed) {
  Graph g;
  const Signal cutoff = g.param("cutoff", 900);
  const Signal y = biquad_lowpass(g.input(), cutoff, 0.7);
  const SegmentPlan plan = plan_of(time_mean(y * y), std::array{cutoff});
  for (const passes::Crossing& c : plan.crossings) EXPECT_EQ(g[c.node].type.clock, Clock::frame);
}

TEST(PlanSegment, NeedsOneRunWhereNothingRemembers) {
  Graph g;
  const Signal gain = g.param("gain", 2);
  const Signal error = tanh(gain * g.input()) - g.input(1);
  const SegmentPlan plan = plan_of(time_mean(error * error), std::array{gain});
  EXPECT_EQ(plan.phases.size(), 2u);  // and the numbers at the end
  EXPECT_TRUE(plan.crossings.empty());
}

TEST(PlanSegment, RunsDearWorkThatDependsOnNoParameterByItself) {
  for (const bool dear : {false, true}) {
    Graph g;
    const Signal gain = g.param("gain", 2);
    const Signal past = ops::cell(g.constant(0));
    g.close(past, g.input(1));
    const Signal target = dear ? biquad_lowpass(g.input(1), 900, 0.7) : past;
    const Signal error = one_pole(gain * g.input(), gain) - target;
    const SegmentPlan plan = plan_of(time_mean(error * error), std::array{gain});
    EXPECT_EQ(plan.phases.size(), dear ? 4u : 3u);
    EXPECT_EQ(plan.phases[0].depends_on_params, !dear);
  }
}

}  // namespace

// The thinnest complete path: a graph with feedback through every pass to compiled code.

#include <gtest/gtest.h>

#include <cmath>

#include "dgen/math.h"
#include "dgen/program.h"
#include "dgen/time.h"

namespace {

using namespace dgen;

TEST(FirstSound, AOnePoleComputesItsDifferenceEquation) {
  Graph g;
  const Signal before = ops::cell(g.constant(0));
  const Signal now = g.input() * 0.1 + before * 0.9;
  g.close(before, now);
  g.output(now);
  Instance instance(compile(g), 44100);
  std::vector<float> x(1000), y(1000);
  for (std::size_t n = 0; n < x.size(); ++n) x[n] = std::sin(0.1f * static_cast<float>(n));
  const float* in[] = {x.data()};
  float* out[] = {y.data()};
  instance.process(in, out, 1000);
  double expected = 0;
  for (std::size_t n = 0; n < x.size(); ++n) {
    expected = x[n] * 0.1 + expected * 0.9;
    ASSERT_NEAR(y[n], expected, 1e-6) << "frame " << n;  // float32 rounding, 1 / (1 - 0.9) times
  }
}

}  // namespace

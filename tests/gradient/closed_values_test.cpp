// Gradients whose values a formula gives.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/filters.h"
#include "dgen/gradient.h"
#include "dgen/interpreter.h"
#include "dgen/math.h"
#include "dgen/segment.h"
#include "dgen/time.h"

namespace {

using namespace dgen;

struct Values {
  double loss = 0;
  std::vector<double> gradient;
};

/// The loss and its derivative by the first signal of `wrt`.
Values evaluate(Signal loss, Signal wrt, const std::vector<std::vector<double>>& in, std::int64_t frames,
                double sample_rate = 44100) {
  const std::array<Signal, 1> by{wrt};
  const Gradient d = gradient(loss, by);
  EXPECT_TRUE(d.of[0]) << d.why_none[0];
  const std::array<Signal, 2> wanted{loss, d.of[0]};
  const auto values = SegmentInterpreter(*loss.graph, wanted, sample_rate).evaluate(in, frames);
  return {values[0][0], values[1]};
}

TEST(Gradient, OfADecayByItsRate) {
  // y[n] = r y[n-1], y[0] = 1: the sum of squares is (1 - r^128) / (1 - r^2).
  Graph g;
  const Signal r = g.param("r", 0.8);
  const Signal y = ops::cell(g.constant(1));
  g.close(y, r * y);
  const Values v = evaluate(ops::time_sum(y * y), r, {}, 64);
  EXPECT_NEAR(v.loss, 2.7777778, 1e-7 * v.loss);
  EXPECT_NEAR(v.gradient[0], 12.345679, 1e-7 * 12.345679);
}

TEST(Gradient, OfALowPassByItsCutoff) {
  Graph g;
  const Signal z = g.param("z", std::log(2000.0));
  const Signal error = biquad_lowpass(g.input(0), exp(z), 0.707) - 0.5 * g.input(0);
  std::vector<double> x;
  for (int n = 0; n < 512; ++n) x.push_back(std::sin(2 * pi * 3000 * n / 44100));
  const Values v = evaluate(ops::time_sum(error * error), z, {x}, 512);
  EXPECT_NEAR(v.loss, 157.36722, 1e-7 * 157.36722);
  EXPECT_NEAR(v.gradient[0], 126.89112, 1e-7 * 126.89112);
}

TEST(Gradient, ReachesAnInputFrameByFrame) {
  Graph g;
  const Signal x = g.input();
  const Values v = evaluate(ops::time_sum(x * x * x), x, {{1, -2, 3}}, 3);
  EXPECT_EQ(v.gradient, (std::vector<double>{3, 12, 27}));
}

TEST(Gradient, ReachesAnInitialValue) {
  Graph g;
  const Signal start = g.param("start", 2);
  const Signal y = ops::cell(start);
  g.close(y, 0.5 * y);
  const Values v = evaluate(ops::time_sum(y), start, {}, 4);
  EXPECT_DOUBLE_EQ(v.gradient[0], 1.875);
}

TEST(Gradient, OfAMeanIsThatOfTheSumOverTheFrames) {
  Graph g;
  const Signal gain = g.param("gain", 2);
  const Values v = evaluate(time_mean(gain * g.input()), gain, {{1, 2, 3, 4}}, 4);
  EXPECT_DOUBLE_EQ(v.loss, 5);
  EXPECT_DOUBLE_EQ(v.gradient[0], 2.5);
}

TEST(Gradient, IsNotPoisonedByABranchThatIsNotTaken) {
  Graph g;
  const Signal x = g.param("x", 0);
  const Signal safe = select(gt(x, 0.5), sqrt(x) / x, 3 * x);  // sqrt(0)/0 and its slope are not numbers
  const Signal least = min(1.0 / (x * x), 7.0);                // the slope of 1/0 is infinite
  const Values v = evaluate(ops::time_sum(safe + least), x, {}, 2);
  EXPECT_DOUBLE_EQ(v.gradient[0], 6);
}

TEST(Gradient, IsNotPoisonedByAValueThatTwoUntakenBranchesUse) {
  Graph g;
  const Signal x = g.param("x", 0);
  const Signal root = sqrt(x), positive = gt(x, 0.0);
  const Signal y = select(positive, root, x) + select(positive, 2 * root, 3 * x) + select(gt(x, 1.0), root, 0.0);
  EXPECT_DOUBLE_EQ(evaluate(ops::time_sum(y), x, {}, 3).gradient[0], 12);
}

TEST(Gradient, OfAParameterInABranchThatSomeFramesTake) {
  Graph g;
  const Signal p = g.param("p", 4), off = g.param("off", 0);
  const Signal y = select(gt(g.input(), 0.0), sqrt(p), 0.0);
  EXPECT_DOUBLE_EQ(evaluate(ops::time_sum(y), p, {{1, -1, 1, -1}}, 4).gradient[0], 0.5);
  const Signal never = select(gt(g.input(), 5.0), sqrt(off), off);
  EXPECT_DOUBLE_EQ(evaluate(ops::time_sum(never), off, {{1, -1, 1, -1}}, 4).gradient[0], 4);
}

TEST(Gradient, OfAGradient) {
  Graph g;
  const Signal x = g.param("x", 1.5);
  const Signal y = ops::cell(x);
  g.close(y, y * x);  // y[n] = x^(n+1): the sum over 4 frames is x + x^2 + x^3 + x^4
  const std::array<Signal, 1> by{x};
  const Gradient first = gradient(ops::time_sum(y), by);
  const Values v = evaluate(first.of[0], x, {}, 4);
  EXPECT_NEAR(v.loss, 1 + 2 * 1.5 + 3 * 1.5 * 1.5 + 4 * 1.5 * 1.5 * 1.5, 1e-12);
  EXPECT_NEAR(v.gradient[0], 2 + 6 * 1.5 + 12 * 1.5 * 1.5, 1e-12);
}

TEST(Gradient, SaysWhyNothingReachesAParameter) {
  Graph g;
  const Signal unused = g.param("unused", 1), stepped = g.param("stepped", 1.5), used = g.param("used", 1);
  const Signal loss = ops::time_sum(used * g.input() * floor(stepped));
  const std::array<Signal, 3> by{unused, stepped, used};
  const Gradient d = gradient(loss, by);
  EXPECT_FALSE(d.of[0]);
  EXPECT_FALSE(d.of[1]);
  EXPECT_TRUE(d.of[2]);
  EXPECT_NE(d.why_none[0].find("the loss does not depend on it"), std::string::npos) << d.why_none[0];
  EXPECT_NE(d.why_none[1].find("a derivative of zero"), std::string::npos) << d.why_none[1];
}

TEST(Gradient, IsNoOutputOfAStream) {
  Graph g;
  const Signal gain = g.param("gain", 2);
  const Signal y = gain * g.input();
  g.output(y);
  const std::array<Signal, 1> by{gain};
  const Gradient d = gradient(ops::time_sum(y * y), by);
  EXPECT_NO_THROW(Interpreter(g, 48000));  // the loss stands beside the stream
  g.output(d.of[0], "slope");
  try {
    Interpreter run(g, 48000);
    FAIL() << "accepted an output that is known at the end of the call only";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::bad_value);
    EXPECT_NE(std::string(e.what()).find("slope"), std::string::npos) << e.what();
  }
}

TEST(Gradient, RefusesALossThatIsASignal) {
  Graph g;
  const Signal x = g.input();
  const std::array<Signal, 1> by{x};
  try {
    gradient(x * x, by);
    FAIL() << "accepted a loss per frame";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::bad_type);
    EXPECT_NE(std::string(e.what()).find("time_sum"), std::string::npos) << e.what();
  }
}

}  // namespace

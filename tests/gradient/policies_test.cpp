// What has no derivative, or another than its own: every stated policy, in magnitude.

#include "dgen/policies.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "dgen/compare.h"
#include "dgen/control.h"
#include "dgen/delays.h"
#include "dgen/error.h"
#include "dgen/filters.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/oscillators.h"
#include "dgen/patch.h"
#include "dgen/program.h"
#include "dgen/segment.h"
#include "dgen/time.h"
#include "support/differences.h"
#include "support/expect_error.h"

namespace {

using namespace dgen;
using Channels = std::vector<std::vector<double>>;
using Values = std::vector<double>;

/// d(sum of y)/d(wrt); empty where none reaches it.
Values slope(Signal y, Signal wrt, const Channels& in, std::int64_t frames) {
  const Gradient d = gradient(ops::time_sum(y), std::array{wrt});
  if (!d.of[0]) return {};
  return SegmentInterpreter(*y.graph, d.of, 48000).evaluate(in, frames)[0];
}

std::string why_none(Signal loss, Signal wrt) {
  const Gradient d = gradient(loss, std::array{wrt});
  EXPECT_FALSE(d.of[0]);
  return d.why_none[0];
}

// What is piecewise constant.

TEST(Policy, OfComparisonsAndRoundingIsZero) {
  for (const OpDef* op : all_ops()) {
    if (op->kind != Kind::pointwise || !op->zero_derivative) continue;
    Graph g;
    const Signal p = g.param("p", 1.3);
    std::vector<Operand> x(signature(*op).inputs.size(), Operand(0.7));
    x[0] = p;
    EXPECT_EQ(slope(3.0 * p + g.n(*op, x, {}) * g.input(), p, {{1, 2}}, 2), (Values{6})) << op->name;
  }
}

TEST(Policy, OfWrapAndModIsStraightThrough) {
  Graph g;
  const Signal p = g.param("p", 3.7);
  const Channels in{{1, 2, 4}};
  for (const Signal y : {wrap(p, 0.0, 1.0), mod(p, 1.5), fract(p)}) EXPECT_EQ(slope(y * g.input(), p, in, 3), (Values{7}));
}

TEST(Policy, OfTiesIsToTheFirst) {
  Graph g;
  const Signal a = g.param("a", 2), b = g.param("b", 2);
  const Channels in{{1, 2, 4}};
  const Values all{7}, nothing{0};
  for (const Signal y : {min(a, b), max(a, b), clamp(a, b, 5.0), clamp(a, -5.0, b), select(1.0, a, b)}) {
    EXPECT_EQ(slope(y * g.input(), a, in, 3), all) << g[y.id].path;
    EXPECT_EQ(slope(y * g.input(), b, in, 3), nothing) << g[y.id].path;
  }
}

TEST(Policy, OfALatchIsToTheFrameThatWasStored) {
  Graph g;
  const Signal x = g.input(0), trigger = g.input(1), weight = g.input(2);
  const Signal y = latch(x, trigger) * weight;
  const Channels in{{1, 2, 3, 4, 5, 6}, {0, 1, 0, 0, 1, 0}, {1, 2, 4, 8, 16, 32}};
  EXPECT_EQ(slope(y, x, in, 6), (Values{0, 2 + 4 + 8, 0, 0, 16 + 32, 0}));  // frame 0 was held before anything was stored
  EXPECT_TRUE(slope(y, trigger, in, 6).empty());
}

TEST(Policy, OfADelayIsToItsInputAndItsTime) {
  Graph g;
  const Signal x = g.input(0), time = g.param("time", 2.25);
  const Signal y = delay(x, time, 8.0);
  const Values in{1, 4, 9, 16, 25, 36};
  // y[n] = 0.75 x[n-2] + 0.25 x[n-3]
  EXPECT_EQ(slope(y, x, {in}, 6), (Values{1, 1, 1, 0.75, 0, 0}));
  double by_time = 0;
  for (std::size_t n = 2; n < 6; ++n) by_time += (n >= 3 ? in[n - 3] : 0) - in[n - 2];
  EXPECT_EQ(slope(y, time, {in}, 6), (Values{by_time}));
}

TEST(Policy, OfNoiseAndClicksIsNone) {
  Graph g;
  const Signal p = g.param("p", 0.5);
  for (const Signal source : {noise(g, 3), click(g), frame_index(g)}) {
    const std::array<Signal, 1> wanted{ops::time_sum(source)};
    const double total = SegmentInterpreter(g, wanted, 48000).evaluate({}, 5)[0][0];
    EXPECT_NEAR(slope(p * source, p, {}, 5).at(0), total, 1e-15);  // as of a number
    EXPECT_NE(why_none(ops::time_sum(source), p).find("the loss does not depend on it"), std::string::npos);
  }
}

// Factors that are infinite where nobody uses them.

TEST(Policy, OfALoopDoesNotLookPastTheEndOfTheSegment) {
  // y[n] = y[n-1] / x[n]: behind the last frame there is no x, and a 0 in its place would make the factor infinite.
  Graph g;
  const Signal start = g.param("start", 3), x = g.input();
  const Signal before = ops::cell(start);
  const Signal y = before / x;
  g.close(before, y);
  const Values in{5, 4, 3, 2, 0.5};  // y = 3/5, 3/20, 3/60, 3/120, 3/60
  EXPECT_NEAR(slope(y, start, {in}, 5).at(0), 1.0 / 5 + 1.0 / 20 + 1.0 / 60 + 1.0 / 120 + 1.0 / 60, 1e-15);
  const Values by_x = slope(y, x, {in}, 5);
  EXPECT_NEAR(by_x.at(4), -(3.0 / 60) / 0.5, 1e-15);
  EXPECT_NEAR(by_x.at(3), -(3.0 / 120 + 3.0 / 60) / 2, 1e-15);
}

TEST(Policy, OfAValueThatIsNotANumberIsNotANumber) {
  Graph g;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Signal p = g.param("p", 2);
  EXPECT_TRUE(std::isnan(slope(log(p) * g.input(), p, {{infinity, -infinity}}, 2).at(0)));
}

TEST(Policy, OfAnUntakenBranchIsZeroWhereItsFactorIsInfinite) {
  Graph g;
  const Signal x = g.input();
  const Signal y = select(gt(x, 0.0), log(x), x) + min(1.0 / x, 2.0) + max(sqrt(x), -1.0);
  // x = 0: log(0) and 1 / 0 are not used, and the gradient of sqrt is 0 there by its own policy; x = 4: 1/4 - 1/16 + 1/4
  EXPECT_EQ(slope(y, x, {{0, 4}}, 2), (Values{1, 0.25 - 0.0625 + 0.25}));
}

// Gradients that the author states.

TEST(Detach, PassesTheValueAndNoGradient) {
  Graph g;
  const Signal p = g.param("p", 3);
  EXPECT_EQ(slope(p * detach(p), p, {}, 2), (Values{6}));
  const std::string why = why_none(ops::time_sum(detach(sin(p))), p);
  EXPECT_NE(why.find("parameter 'p'"), std::string::npos) << why;
  EXPECT_NE(why.find("at detach (policies_test.cpp:"), std::string::npos) << why;
}

TEST(Detach, CutsALoopInTime) {
  Graph g;
  const Signal gain = g.param("gain", 0.5);
  const Signal before = ops::cell(g.constant(1));
  const Signal y = gain * detach(before);
  g.close(before, y);
  EXPECT_EQ(slope(y, gain, {}, 3), (Values{1 + 0.5 + 0.25}));  // not n gain^(n-1): each frame's own factor only
}

TEST(StraightThrough, HasTheValueOfOneAndTheGradientOfTheOther) {
  Graph g;
  const Signal p = g.param("p", 1.7);
  const Signal y = straight_through(round(p), p * p);
  EXPECT_EQ(slope(y, p, {}, 2), (Values{6.8}));
  const std::array<Signal, 1> value{ops::time_sum(y)};
  EXPECT_EQ(SegmentInterpreter(g, value, 48000).evaluate({}, 2)[0], (Values{4}));
  const Gradient first = gradient(ops::time_sum(y), std::array{p});
  EXPECT_EQ(SegmentInterpreter(g, gradient(first.of[0], std::array{p}).of, 48000).evaluate({}, 2)[0], (Values{4}));
  const std::string why = why_none(ops::time_sum(straight_through(p, g.input())), p);
  EXPECT_NE(why.find("at the forward of straight_through"), std::string::npos) << why;
}

TEST(StraightThrough, TrainsThroughABitInALoop) {
  Graph g;
  const Signal p = g.param("p", 0.3);
  const Signal before = ops::cell(g.constant(0));
  const Signal sum = 0.5 * before + p * g.input();
  const Signal bit = straight_through(sign(sum), tanh(sum));
  g.close(before, bit);
  // By hand: s[n] = b[n-1] / 2 + p x[n]; b = sign s; db[n] = (1 - tanh(s)^2) ds[n].
  const Values x{1, -2, 0.5, -0.25, 3};
  double b = 0, db = 0, expected = 0;
  for (const double v : x) {
    const double s = 0.5 * b + 0.3 * v, ds = 0.5 * db + v;
    b = s > 0 ? 1 : s < 0 ? -1 : 0;
    db = (1 - std::tanh(s) * std::tanh(s)) * ds;
    expected += db;
  }
  EXPECT_NEAR(slope(bit, p, {x}, 5).at(0), expected, 1e-14);
}

/// 1 where x > 0, with the slope of atan.
Signal soft_step(Signal x) {
  return custom_gradient(gt(x, 0.0), {x}, [](const Vjp& v) { v.dx[0] = v.dy / (1.0 + v.x[0] * v.x[0]); });
}

TEST(CustomGradient, IsWhatItsRuleSays) {
  Graph g;
  const Signal p = g.param("p", 0.5);
  const Signal y = soft_step(p * g.input(0)) * g.input(1);
  const Values x{1, -2, 3}, w{2, 3, 5};
  double expected = 0, second = 0;
  for (std::size_t n = 0; n < 3; ++n) {
    const double s = 0.5 * x[n];
    expected += w[n] * x[n] / (1 + s * s);
    second += w[n] * x[n] * x[n] * -2 * s / ((1 + s * s) * (1 + s * s));
  }
  EXPECT_NEAR(slope(y, p, {x, w}, 3).at(0), expected, 1e-14);
  const Gradient first = gradient(ops::time_sum(y), std::array{p});
  const Gradient twice = gradient(first.of[0], std::array{p});
  EXPECT_NEAR(SegmentInterpreter(g, twice.of, 48000).evaluate(std::array{x, w}, 3)[0][0], second, 1e-14);
}

TEST(CustomGradient, GoesToEachInputAndNotThroughTheValue) {
  Graph g;
  const Signal a = g.param("a", 2), b = g.param("b", 3), c = g.param("c", 5);
  const auto rule = [](const Vjp& v) { v.dx[0] = v.dy * v.x[1], v.dx[2] = v.dy * v.y; };
  const Signal y = custom_gradient(exp(a) * b * c, {a, b, c}, rule) * g.input();
  const double value = std::exp(2) * 15;
  EXPECT_EQ(slope(y, a, {{1, 1}}, 2), (Values{6}));
  EXPECT_NEAR(slope(y, c, {{1, 1}}, 2).at(0), 2 * value, 1e-12);
  const std::string why = why_none(ops::time_sum(y), b);
  EXPECT_NE(why.find("parameter 'b'"), std::string::npos) << why;
  EXPECT_NE(why.find("custom_gradient"), std::string::npos) << why;
}

TEST(CustomGradient, MayFilterWhatArrives) {
  // The adjoint of y goes through a smoother before it reaches x: y is x itself.
  Graph g;
  const Signal x = g.input(0);
  const Signal y = custom_gradient(x, {x}, [](const Vjp& v) { v.dx[0] = 0.5 * v.dy + 0.25; });
  EXPECT_EQ(slope(y * g.input(1), x, {{1, 2, 3}, {4, 5, 6}}, 3), (Values{2.25, 2.75, 3.25}));
}

TEST(CustomGradient, RefusesRulesThatAreWrong) {
  Graph g, other;
  const Signal p = g.param("p", 1), x = g.input();
  expect_error(ErrorCode::bad_value, "the rule is empty", [&] { custom_gradient(x, {x}, nullptr); });
  expect_error(ErrorCode::bad_value, "input 1 is an empty signal", [&] { custom_gradient({}, {x}, [](const Vjp&) {}); });
  expect_error(ErrorCode::bad_arity, "custom_gradient: takes at least 2", [&] { custom_gradient(x, {}, [](const Vjp&) {}); });
  const Signal stranger = other.constant(1);
  const Signal a = custom_gradient(x * p, {p}, [&](const Vjp& v) { v.dx[0] = stranger; });
  expect_error(ErrorCode::mixed_graphs,
               "the rule of custom_gradient (policies_test.cpp:", [&] { gradient(ops::time_sum(a), std::array{p}); });
  const Signal b = custom_gradient(2.0 * p, {p}, [&](const Vjp& v) { v.dx[0] = v.dy * x; });
  expect_error(ErrorCode::bad_type, "dx[0] is a frame; what it is for is a control",
               [&] { gradient(ops::time_sum(b * x), std::array{p}); });
}

TEST(Policies, CostNothingInAProgram) {
  const auto source = [](bool with) {
    Graph g;
    const Signal x = g.input(), p = g.param("p", 0.5);
    const Signal before = ops::cell(g.constant(0));
    Signal y = before + p * (x - before);
    if (with) y = custom_gradient(straight_through(detach(y), x), {x, p}, [](const Vjp& v) { v.dx[0] = v.dy; });
    g.close(before, y);
    g.output(y);
    return compile(g).source();
  };
  EXPECT_EQ(source(true), source(false));
}

TEST(Policies, HoldInCompiledGradients) {
  Graph g;
  const Signal p = g.param("p", 0.3), q = g.param("q", 0.9);
  const Signal x = g.input();
  const Signal y = onepole(straight_through(round(4.0 * p * x), p * x), 3000.0) + soft_step(q * x) * detach(q) + q * x;
  const Signal loss = ops::time_sum(y * x);
  const Gradient d = gradient(loss, std::array{p, q});
  const std::vector<Signal> wanted{loss, d.of[0], d.of[1]};
  constexpr int frames = 64;
  Channels in(1);
  std::vector<float> floats;
  for (int n = 0; n < frames; ++n) floats.push_back(static_cast<float>(std::sin(0.7 * n + 0.3)));
  in[0].assign(floats.begin(), floats.end());
  const auto expected = SegmentInterpreter(g, wanted, 48000).evaluate(in, frames);
  Segment segment(compile_segment(wanted), 48000, frames);
  const std::array<const float*, 1> channels{floats.data()};
  segment.run(channels.data(), frames);
  for (int k = 0; k < 3; ++k) {
    const double exact = expected[static_cast<std::size_t>(k)][0];
    EXPECT_NEAR(segment.value(k), exact, 1e-5 * std::fabs(exact)) << k;
  }
}

TEST(Policies, AreReadInPatchText) {
  Graph g;
  parse_patch(g, "Param p(1.7);\nout1 = straight_through(round(p), p) * detach(p) * in1;");
  EXPECT_NEAR(slope({&g, g.outputs()[0].node}, {&g, g.params()[0]}, {{1, 1}}, 2).at(0), 3.4, 1e-12);
  expect_error(ErrorCode::unknown_op, "its rule is a C++ function",
               [&] { parse_patch(*std::make_unique<Graph>(), "out1 = custom_gradient(in1, in2);"); });
}

// Why a gradient is none.

TEST(WhyNone, NamesThePlacesWhereTheDerivativeIsLost) {
  Graph g;
  parse_patch(g,
              "Param steps(4.5, min = 1, max = 9);\n"
              "Param gate(0.5);\n"
              "x = floor(steps) * in1;\n"
              "y = gate > 0.2 ? in1 : 0;\n"
              "out1 = x + y;\n");
  const Signal loss = ops::time_sum(Signal{&g, g.outputs()[0].node});
  const Gradient d = gradient(loss, std::array{Signal{&g, g.params()[0]}, Signal{&g, g.params()[1]}});
  EXPECT_EQ(d.why_none[0],
            "parameter 'steps' (patch:1:7): every way from it to the loss has a derivative of zero, at floor/floor (patch:3:5)");
  EXPECT_EQ(d.why_none[1],
            "parameter 'gate' (patch:2:7): every way from it to the loss has a derivative of zero, at gt (patch:4:10)");
}

TEST(WhyNone, HoldsForAParameterOfALoopWhoseOutputIsRounded) {
  Graph g;
  const Signal cutoff = g.param("cutoff", 900);
  const std::string why = why_none(ops::time_sum(floor(onepole(g.input(), cutoff)) * g.input()), cutoff);
  EXPECT_NE(why.find("at floor ("), std::string::npos) << why;
}

TEST(WhyNone, NamesTheInputThatHasNoDerivative) {
  Graph g;
  const Signal frames = g.param("frames", 3);
  const std::string why = why_none(ops::time_sum(delay(g.input(), frames, 8.0, 0.0)), frames);
  EXPECT_NE(why.find("at delay/floor ("), std::string::npos) << why;
}

}  // namespace

// Statements and states of patch text, against values worked out by hand.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "run_patch.h"

namespace {

using dgen::test::ramp;
using dgen::test::run;
using Values = std::vector<double>;

TEST(Assignment, ChangesWhatLaterStatementsRead) { EXPECT_EQ(run("a = 1; b = a; a = 2; out1 = a * 10 + b;", 1), Values{21}); }

TEST(Assignment, TakesSeveralValues) { EXPECT_EQ(run("a, b = 3, 4; a, b = b, a; out1 = a * 10 + b;", 1), Values{43}); }

TEST(Assignment, AppliesCompoundOperators) {
  EXPECT_EQ(run("a = 7; a += 3; a *= 2; a -= 5; a /= 3; a %= 3; a++; a--; out = a;", 1), Values{2});
}

TEST(Outputs, AreSilentWhereNothingIsWritten) {
  EXPECT_EQ(run("out3 = 5;", 2, {}, 1), (Values{0, 0}));
  EXPECT_EQ(run("out3 = 5;", 2, {}, 2), (Values{5, 5}));
}

TEST(Inputs, CountFromOne) { EXPECT_EQ(run("out1 = in + 10 * in2;", 2, {{1, 2}, {3, 4}}), (Values{31, 42})); }

TEST(Operators, BindAsInC) {
  EXPECT_EQ(run("out1 = 1 + 2 * 3 - 8 / 4 / 2;", 1), Values{6});
  EXPECT_EQ(run("out1 = 1 + 1 == 2 && 3 > 2 || 0;", 1), Values{1});
  EXPECT_EQ(run("out1 = -2 * -(3 - 1) % 3;", 1), Values{1});
  EXPECT_EQ(run("out1 = 1 ? 2 : 0 ? 3 : 4;", 1), Values{2});
  EXPECT_EQ(run("out1 = 0 ? 2 : 0 ? 3 : 4;", 1), Values{4});
  EXPECT_EQ(run("out1 = !5 + !0 * 10 + (1 ^^ 1) * 100 + (2 ^^ 0) * 1000;", 1), Values{1010});
  EXPECT_EQ(run("out1 = (3 != 4) + (3 <= 3) * 10 + (4 >= 5) * 100 + (1 < 2) * 1000;", 1), Values{1011});
}

TEST(Operators, DivideByZeroGivesZero) {
  EXPECT_EQ(run("out1 = in1 / in2;", 2, {{6, 6}, {0, 3}}), (Values{0, 2}));
  EXPECT_EQ(run("out1 = in1 % in2;", 3, {{7, 7, -7}, {0, 4, 4}}), (Values{0, 3, -3}));
  EXPECT_EQ(run("out1 = 5 / 0 + 5 % 0;", 1), Values{0});
}

TEST(Comments, AreSkipped) { EXPECT_EQ(run("// one\nout1 = 1; /* two\n * // */ out1 += .5e1;", 1), Values{6}); }

TEST(Numbers, AreWrittenAsInC) { EXPECT_EQ(run("out1 = 1 + .5 + 2. + 1e-1 + 3.25E2;", 1), Values{328.6}); }

TEST(Constants, HaveTheirValues) {
  EXPECT_EQ(run("out1 = twopi / pi + sqrt2 * sqrt1_2 + halfpi * invpi * 2 + e / E + PI / pi;", 1),
            Values{2 + std::sqrt(2.0) * (std::sqrt(2.0) / 2) + 1 + 1 + 1});
}

TEST(Globals, GiveTheClock) {
  EXPECT_EQ(run("out1 = samplerate;", 1), Values{48000});
  EXPECT_EQ(run("out1 = elapsed;", 3), (Values{0, 1, 2}));
}

TEST(Param, HasDefaultAndRange) {
  dgen::Graph g;
  dgen::parse_patch(g, "Param a(0.5, min=0, max=2), b; Param c(default=3, mapping=\"log\"); out1 = a + b + c;");
  ASSERT_EQ(g.params().size(), 3u);
  const dgen::ParamInfo& a = *g[g.params()[0]].attributes.param;
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(a.initial, 0.5);
  EXPECT_EQ(a.min, 0);
  EXPECT_EQ(a.max, 2);
  EXPECT_EQ(g[g.params()[2]].attributes.param->mapping, dgen::Mapping::log);
  EXPECT_EQ(run("Param a(0.5, min=0, max=2), b; Param c(default=3); out1 = a + b + c;", 1), Values{3.5});
}

TEST(Param, IsSmoothedWhereItSaysSo) {
  dgen::Graph g;
  dgen::parse_patch(g, "Param a(0, smooth=0.01); out1 = a;");
  dgen::Interpreter interpreter(g, 1000);
  std::vector<Values> out(1);
  interpreter.process({}, out, 1);
  interpreter.set("a", 1);
  interpreter.process({}, out, 10);
  EXPECT_NEAR(out[0].back(), 0.99, 1e-9);  // within 1 % after 10 ms
}

TEST(History, ReadsTheFrameBeforeUntilItIsAssigned) {
  EXPECT_EQ(run("History h(5); before = h; h = in1; after = h; out1 = before * 100 + after;", 3, {{1, 2, 3}}),
            (Values{501, 102, 203}));
}

TEST(History, KeepsItsValueWhereNothingIsAssigned) { EXPECT_EQ(run("History h(5); out1 = h;", 3), (Values{5, 5, 5})); }

TEST(History, KeepsTheLastOfSeveralAssignments) { EXPECT_EQ(run("History h; h += 1; h += 1; out1 = h;", 3), (Values{2, 4, 6})); }

TEST(History, ClosesAFilterLoop) {
  EXPECT_EQ(run("History y; y = in1 + 0.5 * y; out1 = y;", 4, {{1, 0, 0, 0}}), (Values{1, 0.5, 0.25, 0.125}));
}

TEST(History, StartsFromAParameter) { EXPECT_EQ(run("Param p(3); History h(p); out1 = h; h = h + 1;", 3), (Values{3, 4, 5})); }

TEST(Branch, ChoosesAssignments) {
  const std::string text = "x = 1; y = 2; if (in1 > 0) { x = 10; } else { y = 20; } out1 = x + y;";
  EXPECT_EQ(run(text, 2, {{1, -1}}), (Values{12, 21}));
}

TEST(Branch, ChainsElseIf) {
  const std::string text = "if (in1 == 0) out1 = 10; else if (in1 == 1) out1 = 20; else if (in1 == 2) out1 = 30; else out1 = 40;";
  EXPECT_EQ(run(text, 4, {ramp(4)}), (Values{10, 20, 30, 40}));
}

TEST(Branch, TakesAnythingButZeroForTrue) {
  EXPECT_EQ(run("out1 = 1; if (in1) out1 = 2;", 4, {{0, -1, 0.5, 0}}), (Values{1, 2, 2, 1}));
}

TEST(Branch, WritesStatesOnlyWhereTaken) {
  EXPECT_EQ(run("History count; if (in1 > 0) { count += 1; } out1 = count;", 5, {{1, 0, 1, 1, 0}}), (Values{1, 1, 2, 3, 3}));
}

TEST(Branch, NestsAndSharesStates) {
  const std::string text =
      "History a, b; if (in1 > 0) { a += 1; if (in1 > 1) { b += 1; a += 10; } else { b -= 1; } } out1 = a * 100 + b;";
  EXPECT_EQ(run(text, 4, {{0, 1, 2, 0}}), (Values{0, 99, 1200, 1200}));
}

TEST(Branch, KeepsWhatACallRemembersWhereItIsNotTaken) {
  EXPECT_EQ(run("out1 = -1; if (in1) { out1 = accum(1); }", 5, {{1, 0, 0, 1, 1}}), (Values{1, -1, -1, 2, 3}));
  EXPECT_EQ(run("out1 = -1; if (in1) out1 = dgen_accum(1, 0, 0, 100);", 5, {{1, 0, 0, 1, 1}}), (Values{0, -1, -1, 1, 2}));
}

TEST(Delay, ReadsBeforeTheWriteReachBackAtLeastOneFrame) {
  EXPECT_EQ(run("Delay d(8); out1 = d.read(0); d.write(in1);", 4, {{1, 2, 3, 4}}), (Values{0, 1, 2, 3}));
  EXPECT_EQ(run("Delay d(8); out1 = d.read(3); d.write(in1);", 6, {{1, 2, 3, 4, 5, 6}}), (Values{0, 0, 0, 1, 2, 3}));
}

TEST(Delay, ReadsAfterTheWriteSeeThisFrame) {
  EXPECT_EQ(run("Delay d(8); d.write(in1); out1 = d.read(0);", 3, {{1, 2, 3}}), (Values{1, 2, 3}));
  EXPECT_EQ(run("Delay d(8); d.write(in1); out1 = d.read(0.25);", 3, {{1, 2, 3}}), (Values{0.75, 1.75, 2.75}));
}

TEST(Delay, InterpolatesAsItSays) {
  const std::vector<Values> in{{0, 1, 4, 9, 16, 25, 36, 49}};  // squares
  const auto last = [&](const std::string& how) {
    return run("Delay d(8, interp=\"" + how + "\"); d.write(in1); out1 = d.read(2.25);", 8, in).back();
  };
  EXPECT_DOUBLE_EQ(last("none"), 25);
  EXPECT_DOUBLE_EQ(last("linear"), 25 + 0.25 * (16 - 25));
  EXPECT_DOUBLE_EQ(last("cubic"), 4.75 * 4.75);   // exact for polynomials to the third degree
  EXPECT_DOUBLE_EQ(last("spline"), 4.75 * 4.75);  // Catmull-Rom is exact to the second
  EXPECT_DOUBLE_EQ(last("cosine"), 25 + (0.5 - 0.5 * std::cos(0.25 * M_PI)) * (16 - 25));
}

TEST(Delay, GivesSeveralTaps) {
  EXPECT_EQ(run("Delay d(8); d.write(in1); a, b = d.read(1, 2); out1 = a * 10 + b;", 4, {{1, 2, 3, 4}}), (Values{0, 10, 21, 32}));
}

TEST(Delay, HoldsTheTimeWithinItsLength) {
  EXPECT_EQ(run("Delay d(2); d.write(in1); out1 = d.read(100);", 4, {{1, 2, 3, 4}}), (Values{0, 0, 1, 2}));
}

TEST(Delay, FeedsBack) {
  EXPECT_EQ(run("Delay d(4); y = in1 + 0.5 * d.read(2); d.write(y); out1 = y;", 7, {{1, 0, 0, 0, 0, 0, 0}}),
            (Values{1, 0, 0.5, 0, 0.25, 0, 0.125}));
}

TEST(Delay, TakesALengthInSeconds) {
  EXPECT_EQ(run("Delay d(samplerate * 0.001); d.write(in1); out1 = d.read(100);", 5, {{1, 2, 3, 4, 5}}, 0, 2000),
            (Values{0, 0, 1, 2, 3}));
}

TEST(Delay, KeepsTheOldSlotWhereAWriteIsSkipped) {
  // A ring of 4: frame 5 skips its write, so slot 1 still holds what frame 1 wrote.
  const std::string text = "Delay d(4); out1 = d.read(1); if (elapsed != 5) d.write(in1);";
  EXPECT_EQ(run(text, 8, {{10, 11, 12, 13, 14, 15, 16, 17}}), (Values{0, 10, 11, 12, 13, 14, 11, 16}));
}

TEST(Data, ReadsWhatEarlierFramesAndStatementsWrote) {
  EXPECT_EQ(run("Data d(4); out1 = peek(d, 1); poke(d, in1, 1);", 3, {{5, 6, 7}}), (Values{0, 5, 6}));
  EXPECT_EQ(run("Data d(4); poke(d, in1, 1); out1 = peek(d, 1); poke(d, -1, 1);", 3, {{5, 6, 7}}), (Values{5, 6, 7}));
  EXPECT_EQ(run("Data d(4); d.poke(in1, 1); out1 = d.peek(1.9) + d.peek(4) + d.peek(-1);", 1, {{5}}), Values{5});
}

TEST(Data, IsWrittenInTakenBranchesOnly) {
  EXPECT_EQ(run("Data d(2); if (in1 > 0) poke(d, in1, 0); else poke(d, in1, 1); out1 = peek(d, 0) * 10 + peek(d, 1);", 4,
                {{1, -2, -3, 4}}),
            (Values{10, 8, 7, 37}));
}

TEST(Data, HasChannels) {
  const std::string text =
      "Data d(2, 3); poke(d, 1, 0, 2); poke(d, 2, 1, 0); poke(d, 9, 1, 5); out1 = peek(d, 0, 2) + 10 * peek(d, 1, 0) + 100 * "
      "peek(d, 0, 0) + 1000 * dim(d) + 10000 * channels(d) + peek(d, 0, 3);";
  EXPECT_EQ(run(text, 1), Values{32021});
}

TEST(Data, IsReadByPhase) {
  const std::string fill = "Data d(5); poke(d, 0, 0); poke(d, 10, 1); poke(d, 20, 2); poke(d, 30, 3); poke(d, 40, 4); ";
  EXPECT_EQ(run(fill + "out1 = sample(d, 0.125);", 1), Values{5});
  EXPECT_EQ(run(fill + "out1 = lookup(d, -0.25);", 1), Values{15});
  EXPECT_EQ(run(fill + "out1 = nearest(d, 0.99);", 1), Values{40});
  EXPECT_EQ(run(fill + "out1 = wave(d, 0.25, 1, 3);", 1), Values{15});
  EXPECT_EQ(run(fill + "out1 = peek(d, 7, boundmode=\"wrap\");", 1), Values{20});
  EXPECT_EQ(run(fill + "out1 = peek(d, 9, boundmode=\"clamp\");", 1), Values{40});
}

TEST(Function, GivesSeveralValues) {
  EXPECT_EQ(run("turn(x, y, s = 2) { return -y * s, x * s; } a, b = turn(3, 4); out1 = a * 100 + b; out2 = turn(1, 5, s=1);", 1),
            Values{-794});
}

TEST(Function, HasStatesPerCall) {
  const std::string text = "count(step) { History c; c += step; return c; } a = count(1); b = count(10); out1 = a + b;";
  EXPECT_EQ(run(text, 3), (Values{11, 22, 33}));
}

TEST(Function, ReturnsEarly) {
  const std::string text =
      "f(x) { History n; if (x > 1) { return -1; } n += 1; if (x > 0) return n * 10; return n; } out1 = f(in1);";
  EXPECT_EQ(run(text, 5, {{0, 1, 2, 1, 0}}), (Values{1, 20, -1, 30, 4}));
}

TEST(Function, WritesStatesOnlyWhereItIsCalled) {
  const std::string text = "tick() { History c; c += 1; return c; } out1 = 0; if (in1) out1 = tick();";
  EXPECT_EQ(run(text, 5, {{1, 0, 1, 0, 1}}), (Values{1, 0, 2, 0, 3}));
}

TEST(Function, TakesTablesAndDelays) {
  const std::string text =
      "put(t, d, x) { poke(t, x, 0); d.write(x); return peek(t, 0) + d.read(1); } Data t(2); Delay d(4); out1 = put(t, d, in1);";
  EXPECT_EQ(run(text, 3, {{1, 2, 3}}), (Values{1, 3, 5}));
}

TEST(Function, IsUsedBeforeItsDefinition) {
  EXPECT_EQ(run("out1 = f(2); f(x) { return g(x) + 1; } g(x) { return x * x; }", 1), Values{5});
}

TEST(Ops, AreCalledByNameWithNamedInputs) {
  const Values impulse = {1, 0, 0};
  // The check value of issue 2: high-pass, 60 Hz, Q 1, gain 4, at 44.1 kHz.
  const Values y = run("out1 = biquad(in1, 60, q=1, mode=1, gain=4);", 3, {impulse}, 0, 44100);
  EXPECT_NEAR(y[0], 3.9829031, 1e-7);
  EXPECT_NEAR(y[1], -0.0341926, 1e-7);
  EXPECT_NEAR(y[2], -0.0341888, 1e-7);
}

TEST(Ops, StayReachableWithThePrefix) {
  EXPECT_EQ(run("out1 = phasor(12000);", 3), (Values{0.25, 0.5, 0.75}));
  EXPECT_EQ(run("out1 = dgen_phasor(12000);", 3), (Values{0, 0.25, 0.5}));
}

TEST(Names, GoToStatesAndNodes) {
  dgen::Graph g;
  dgen::parse_patch(
      g,
      "f(x) { History inner; inner = x; return inner; } History outer; outer = f(in1) + f(in2); level = outer * 2; out1 = level;",
      "p");
  std::vector<std::string> cells, paths;
  for (const dgen::Node& node : g.nodes()) {
    if (node.op->kind == dgen::Kind::cell) cells.push_back(node.path);
    paths.push_back(node.path);
  }
  EXPECT_EQ(cells, (std::vector<std::string>{"outer", "f/inner", "f_2/inner"}));
  EXPECT_NE(std::find(paths.begin(), paths.end(), "level"), paths.end());
}

TEST(Places, GoToEveryNode) {
  dgen::Graph g;
  dgen::parse_patch(g, "x = in1;\n  y = sin(x) + 1;\nout1 = y;", "p");
  const dgen::Node& y = g[g.outputs()[0].node];
  EXPECT_EQ(y.origin.file, "p");
  EXPECT_EQ(y.origin.line, 2);
  EXPECT_EQ(y.origin.column, 14);
}

}  // namespace

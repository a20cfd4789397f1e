// What gen~'s names mean in patch text, against closed forms and the behaviour noted in docs/patch-language.md.

#include "lang/gen_names.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "run_patch.h"

namespace {

using dgen::test::ramp;
using dgen::test::run;
using Values = std::vector<double>;

/// A call of the entry with its required inputs.
std::string call_of(const dgen::lang::GenName& gen) {
  std::string arguments = gen.on_data ? "table" : "";
  const dgen::Signature wanted = dgen::signature(dgen::OpDef{.name = gen.name, .inputs = gen.inputs});
  const std::size_t inputs = std::max<std::size_t>(wanted.required(), gen.name == "interp" ? 3 : 0);
  for (std::size_t k = 0; k < inputs; ++k) arguments += std::string(arguments.empty() ? "" : ", ") + "0.5 * in1";
  return std::string(gen.name) + "(" + arguments + ")";
}

TEST(EveryGenName, ExpandsAndRuns) {
  for (const dgen::lang::GenName& gen : dgen::lang::gen_names()) {
    if (!gen.expand) continue;
    const std::string text =
        "Data table(16); " + (gen.writes ? call_of(gen) + "; out1 = peek(table, 0);" : "out1 = " + call_of(gen) + ";");
    SCOPED_TRACE(text);
    EXPECT_NO_THROW(run(text, 4, {{1, 2, 3, 4}}));
  }
}

TEST(EveryGenName, HasADocAndIsUnique) {
  std::set<std::string_view> seen;
  for (const dgen::lang::GenName& gen : dgen::lang::gen_names()) {
    EXPECT_FALSE(gen.doc.empty()) << gen.name;
    EXPECT_TRUE(seen.insert(gen.name).second) << gen.name;
  }
}

TEST(EveryGenName, SaysWhyItIsMissing) {
  EXPECT_EQ(dgen::test::error_of("out1 = fftsize(1);"),
            "patch:1:8: error: 'fftsize' is not available: patch text runs frame by frame, not inside a spectral host\n"
            "out1 = fftsize(1);\n"
            "       ^~~~~~~");
}

TEST(Comparison, PassesInOne) { EXPECT_EQ(run("out1 = gtp(in1, 1);", 3, {{0, 1, 2}}), (Values{0, 0, 2})); }

TEST(Phasor, StepsThenShows) { EXPECT_EQ(run("out1 = phasor(12000);", 5), (Values{0.25, 0.5, 0.75, 0, 0.25})); }

TEST(Cycle, IsACosineThatStartsAtOne) {
  const Values y = run("out1 = cycle(1000);", 100);
  for (std::size_t n = 0; n < y.size(); ++n) EXPECT_NEAR(y[n], std::cos(2 * M_PI * static_cast<double>(n) / 48), 1e-12);
  EXPECT_NEAR(run("out1 = cycle(0.25, index=\"phase\");", 1)[0], 0, 1e-15);
}

/// As code that gen~ exports asks for the phase after the call that steps it.
TEST(Cycle, GivesItsPhaseAfterTheStep) {
  const Values phase = run("y, p = cycle(1000);\nout1 = p;", 100);
  for (std::size_t n = 0; n < phase.size(); ++n) {
    const double turns = static_cast<double>(n + 1) / 48;
    EXPECT_NEAR(std::remainder(phase[n] - turns, 1), 0, 1e-12) << n;
    EXPECT_TRUE(phase[n] >= 0 && phase[n] < 1) << n;
  }
  EXPECT_EQ(run("y, p = cycle(2.25, index=\"phase\");\nout1 = p;", 1)[0], 0.25);
}

TEST(Clip, PinsInvertedBoundsToLo) { EXPECT_EQ(run("out1 = clip(in1, 2, -2);", 3, {{-5, 0, 5}}), (Values{2, 2, 2})); }

TEST(Fold, Reflects) {
  EXPECT_EQ(run("out1 = fold(in1);", 5, {{-0.25, 0.5, 1.25, 2.25, 3}}), (Values{0.25, 0.5, 0.75, 0.25, 1}));
  EXPECT_EQ(run("out1 = fold(in1, 2, -2);", 3, {{3, -3, 1}}), (Values{1, -1, 1}));
}

TEST(Wrap, TakesUnitRangeByDefault) { EXPECT_EQ(run("out1 = wrap(in1);", 3, {{-0.25, 1.5, 1}}), (Values{0.75, 0.5, 0})); }

TEST(Scale, MapsAndBends) {
  EXPECT_EQ(run("out1 = scale(in1, 0, 2, 10, 20);", 3, {{0, 1, 4}}), (Values{10, 15, 30}));
  EXPECT_EQ(run("out1 = scale(in1, 0, 1, 0, 1, 2);", 3, {{0, 0.5, -0.5}}), (Values{0, 0.25, -0.25}));
  EXPECT_EQ(run("out1 = scale(in1, 3, 3, 5, 6);", 1, {{4}}), Values{5});
}

TEST(Selector, IsZeroBelowAndTheLastAbove) {
  EXPECT_EQ(run("out1 = selector(in1, 10, 20, 30);", 6, {{-1, 0, 1, 2.9, 3, 9}}), (Values{0, 0, 10, 20, 30, 30}));
}

TEST(Gate, SendsToOneOutput) {
  EXPECT_EQ(run("a, b, c = gate(in1, 7); out1 = a + 10 * b + 100 * c;", 5, {{0, 1, 2, 3, 4}}), (Values{0, 7, 70, 700, 700}));
}

TEST(Cartopol, GivesRadiusAndAngle) {
  EXPECT_EQ(run("r, t = cartopol(3, 4); x, y = poltocar(r, t); out1 = r; out2 = x;", 1), Values{5});
}

TEST(Fract, KeepsTheSign) { EXPECT_EQ(run("out1 = fract(in1);", 2, {{1.25, -1.25}}), (Values{0.25, -0.25})); }

TEST(Round, GoesToMultiples) { EXPECT_EQ(run("out1 = round(in1, 0.5);", 3, {{0.3, 0.8, -0.8}}), (Values{0.5, 1, -1})); }

TEST(Accum, IncludesThisFrame) {
  EXPECT_EQ(run("out1 = accum(2);", 3), (Values{2, 4, 6}));
  EXPECT_EQ(run("out1 = accum(1, in1, 0, 3);", 6, {{0, 0, 0, 0, 1, 0}}), (Values{1, 2, 0, 1, 0, 1}));
  EXPECT_EQ(run("out1 = mulequals(2, 0, 1);", 3), (Values{2, 4, 8}));
}

TEST(Counter, CarriesAtMax) {
  EXPECT_EQ(run("n, c, k = counter(1, 0, 3); out1 = n + 10 * c + 100 * k;", 7), (Values{1, 2, 110, 101, 102, 210, 201}));
}

TEST(Latch, HoldsBetweenControls) {
  EXPECT_EQ(run("out1 = latch(in1, in2);", 5, {{1, 2, 3, 4, 5}, {0, 1, 0, -1, 0}}), (Values{0, 2, 2, 4, 4}));
}

TEST(Sah, TakesAtRisingCrossings) {
  EXPECT_EQ(run("out1 = sah(in1, in2, 0.5);", 6, {{1, 2, 3, 4, 5, 6}, {0, 1, 1, 0, 1, 0}}), (Values{0, 2, 2, 2, 5, 5}));
}

TEST(Slide, DividesTheDistance) { EXPECT_EQ(run("out1 = slide(in1, 2, 4);", 4, {{8, 8, 0, 0}}), (Values{4, 6, 4.5, 3.375})); }

TEST(ChangeAndDelta, CompareWithTheFrameBefore) {
  EXPECT_EQ(run("out1 = change(in1);", 4, {{1, 1, 3, 2}}), (Values{1, 0, 1, -1}));
  EXPECT_EQ(run("out1 = delta(in1);", 4, {{1, 1, 3, 2}}), (Values{1, 0, 2, -1}));
}

TEST(Dcblock, FollowsItsFormula) { EXPECT_EQ(run("out1 = dcblock(in1);", 3, {{1, 1, 1}}), (Values{1, 0.9997, 0.9997 * 0.9997})); }

TEST(Triangle, PeaksAtTheDuty) {
  EXPECT_EQ(run("out1 = triangle(in1, 0.25);", 5, {{0, 0.125, 0.25, 0.625, 1}}), (Values{0, 0.5, 1, 0.5, 0}));
}

TEST(Train, PulsesEveryPeriod) {
  const Values y = run("out1 = train(8, 0.25);", 64);
  double on = 0;
  for (const double x : y) on += x;
  EXPECT_NEAR(on, 16, 2);  // a quarter of the frames, but for the ends
}

TEST(Rate, SlowsARampDown) {
  const Values y = run("out1 = rate(phasor(4800), 2);", 200);
  for (std::size_t n = 100; n + 1 < y.size(); ++n) {
    const double step = y[n + 1] - y[n];
    EXPECT_NEAR(step < 0 ? step + 1 : step, 0.05, 1e-9) << n;
  }
}

TEST(Delay, ReadsEarlierFrames) {
  EXPECT_EQ(run("out1 = delay(in1, 2);", 4, {ramp(4)}), (Values{0, 0, 0, 1}));
  EXPECT_EQ(run("out1 = delay(in1, in1 * 0.5, 10);", 4, {ramp(4)}), (Values{0, 0.5, 1, 1.5}));
}

TEST(Units, Convert) {
  EXPECT_NEAR(run("out1 = mtof(81);", 1)[0], 880, 1e-9);
  EXPECT_NEAR(run("out1 = ftom(220);", 1)[0], 57, 1e-9);
  EXPECT_NEAR(run("out1 = dbtoa(-20);", 1)[0], 0.1, 1e-12);
  EXPECT_NEAR(run("out1 = atodb(0.1);", 1)[0], -20, 1e-12);
  EXPECT_EQ(run("out1 = atodb(0);", 1), Values{-999});
  EXPECT_EQ(run("out1 = mstosamps(10) + sampstoms(96);", 1), Values{482});
  EXPECT_NEAR(run("out1 = pow(t60(1000), 1000);", 1)[0], 0.001, 1e-12);
  EXPECT_NEAR(run("out1 = t60time(t60(500));", 1)[0], 500, 1e-9);
}

TEST(Hyperbolic, InvertEachOther) {
  EXPECT_NEAR(run("out1 = asinh(sinh(-1.5)) + acosh(cosh(2)) + atanh(tanh(0.5));", 1)[0], 1, 1e-12);
}

TEST(Noise, IsItsOwnAtEveryCall) {
  EXPECT_NE(run("out1 = noise() - noise();", 1)[0], 0);
  EXPECT_EQ(run("out1 = noise();", 8), run("out1 = noise();", 8));
}

TEST(Guards, StopWhatIsNotANumber) {
  EXPECT_EQ(run("out1 = isnan(sqrt(in1)); out2 = 0;", 2, {{-1, 1}}), (Values{1, 0}));
  EXPECT_EQ(run("out1 = fixnan(sqrt(in1));", 2, {{-1, 4}}), (Values{0, 2}));
}

TEST(Interp, GoesBetweenValues) {
  EXPECT_EQ(run("out1 = interp(0.25, 10, 20);", 1), Values{12.5});
  EXPECT_EQ(run("out1 = interp(0.5, 0, 1, 4, 9, interp=\"cubic\");", 1), Values{2.25});
}

TEST(Phasewrap, BringsAnglesIntoOneTurn) {
  EXPECT_NEAR(run("out1 = phasewrap(3 * pi / 2);", 1)[0], -M_PI / 2, 1e-12);
  EXPECT_NEAR(run("out1 = phasewrap(-3 * pi / 2);", 1)[0], M_PI / 2, 1e-12);
}

}  // namespace

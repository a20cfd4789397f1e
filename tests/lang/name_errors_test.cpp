// What patch text that is wrong is told, word for word: names, and calls of functions.

#include <gtest/gtest.h>

#include "run_patch.h"

namespace {

using dgen::ErrorCode;
using dgen::test::code_of;
using dgen::test::error_of;

TEST(NameError, SuggestsTheClosestKnownOne) {
  const char* text = "Param cutoff(1);\nout1 = cutof;";
  EXPECT_EQ(error_of(text),
            "patch:2:8: error: unknown name 'cutof'\n"
            "out1 = cutof;\n"
            "       ^~~~~\n"
            "hint: did you mean 'cutoff'?");
  EXPECT_EQ(code_of(text), ErrorCode::unknown_name);
}

TEST(NameError, SaysWhatToDoWhereNothingIsClose) {
  const char* text = "out1 = cutof;";
  EXPECT_EQ(error_of(text),
            "patch:1:8: error: unknown name 'cutof'\n"
            "out1 = cutof;\n"
            "       ^~~~~\n"
            "hint: assign to it before it is read");
  EXPECT_EQ(code_of(text), ErrorCode::unknown_name);
}

TEST(NameError, IsReadBeforeItIsAssigned) {
  const char* text = "out1 = x; x = 3;";
  EXPECT_EQ(error_of(text),
            "patch:1:8: error: 'x' is read before it has a value\n"
            "out1 = x; x = 3;\n"
            "       ^\n"
            "hint: assign to it first, or declare History x; to read what the frame before left");
  EXPECT_EQ(code_of(text), ErrorCode::unknown_name);
}

TEST(NameError, HasAValueInOneBranchOnly) {
  const char* text = "if (in1) { y = 2; } out1 = y;";
  EXPECT_EQ(error_of(text),
            "patch:1:28: error: 'y' has a value in one branch only\n"
            "if (in1) { y = 2; } out1 = y;\n"
            "                           ^\n"
            "hint: give it a value before the 'if'");
  EXPECT_EQ(code_of(text), ErrorCode::unknown_name);
}

TEST(NameError, OfAFunctionIsNoValue) {
  const char* text = "out1 = sin;";
  EXPECT_EQ(error_of(text),
            "patch:1:8: error: 'sin' is a function, not a value\n"
            "out1 = sin;\n"
            "       ^~~\n"
            "hint: call it: sin(…)");
  EXPECT_EQ(code_of(text), ErrorCode::unknown_name);
}

TEST(NameError, OutsideAFunctionIsNotSeen) {
  const char* text = "v = 3; f() { return v; } out1 = f();";
  EXPECT_EQ(error_of(text),
            "patch:1:21: error: 'v' is a variable outside this function\n"
            "v = 3; f() { return v; } out1 = f();\n"
            "                    ^\n"
            "hint: pass it in as an argument");
  EXPECT_EQ(code_of(text), ErrorCode::unknown_name);
}

TEST(CallError, SuggestsTheClosestFunction) {
  const char* text = "out1 = onepol(in1, 100);";
  EXPECT_EQ(error_of(text),
            "patch:1:8: error: unknown function 'onepol'\n"
            "out1 = onepol(in1, 100);\n"
            "       ^~~~~~\n"
            "hint: did you mean 'onepole'?");
  EXPECT_EQ(code_of(text), ErrorCode::unknown_op);
}

TEST(CallError, KeepsThePrefixInItsSuggestion) {
  const char* text = "out1 = dgen_phaser(3);";
  EXPECT_EQ(error_of(text),
            "patch:1:8: error: unknown function 'dgen_phaser'\n"
            "out1 = dgen_phaser(3);\n"
            "       ^~~~~~~~~~~\n"
            "hint: did you mean 'dgen_phasor'?");
  EXPECT_EQ(code_of(text), ErrorCode::unknown_op);
}

TEST(CallError, CountsInputs) {
  const char* text = "out1 = sin(in1, 2);";
  EXPECT_EQ(error_of(text),
            "patch:1:8: error: 'sin' takes 1 input (x), got 2\n"
            "out1 = sin(in1, 2);\n"
            "       ^~~");
  EXPECT_EQ(code_of(text), ErrorCode::bad_arity);
}

TEST(CallError, NamesTheMissingInput) {
  const char* text = "out1 = biquad(in1);";
  EXPECT_EQ(error_of(text),
            "patch:1:8: error: 'biquad' takes 2 to 5 inputs (x, cutoff_hz, q = 0.7071067811865476, gain = 1, mode = 0), "
            "'cutoff_hz' is missing\n"
            "out1 = biquad(in1);\n"
            "       ^~~~~~");
  EXPECT_EQ(code_of(text), ErrorCode::bad_arity);
}

TEST(CallError, SuggestsTheClosestInput) {
  const char* text = "out1 = biquad(in1, 100, qq=3);";
  EXPECT_EQ(error_of(text),
            "patch:1:25: error: 'biquad' has no input 'qq'\n"
            "out1 = biquad(in1, 100, qq=3);\n"
            "                        ^~\n"
            "hint: did you mean 'q'?");
  EXPECT_EQ(code_of(text), ErrorCode::unknown_name);
}

TEST(CallError, ListsInputsWhereNoneIsClose) {
  const char* text = "out1 = sin(freq=3);";
  EXPECT_EQ(error_of(text),
            "patch:1:12: error: 'sin' has no input 'freq'\n"
            "out1 = sin(freq=3);\n"
            "           ^~~~\n"
            "hint: its inputs are: x");
  EXPECT_EQ(code_of(text), ErrorCode::unknown_name);
}

TEST(CallError, WantsNamedInputsLast) {
  const char* text = "out1 = wrap(in1, lo=2, 3);";
  EXPECT_EQ(error_of(text),
            "patch:1:24: error: an unnamed argument follows a named one\n"
            "out1 = wrap(in1, lo=2, 3);\n"
            "                       ^\n"
            "hint: put the unnamed ones first");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(CallError, RefusesRecursionAndNamesTheChain) {
  const char* text = "f(x) { return g(x); }\ng(x) { return f(x); }\nout1 = f(in1);";
  EXPECT_EQ(error_of(text),
            "patch:2:15: error: functions cannot call themselves: f → g → f\n"
            "g(x) { return f(x); }\n"
            "              ^\n"
            "hint: write the repetition out, or keep a state in a History");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(CallError, MustBeUsed) {
  const char* text = "sin(in1);";
  EXPECT_EQ(error_of(text),
            "patch:1:1: error: the value of 'sin' is not used\n"
            "sin(in1);\n"
            "^~~~~~~~\n"
            "hint: assign it, such as x = sin(…);");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(CallError, PointsToPokeForTables) {
  const char* text = "Data t(4); out1 = memory_write(t, 1, 2);";
  EXPECT_EQ(error_of(text),
            "patch:1:19: error: 'memory_write' cannot be called\n"
            "Data t(4); out1 = memory_write(t, 1, 2);\n"
            "                  ^~~~~~~~~~~~\n"
            "hint: write with poke(name, value, index);");
  EXPECT_EQ(code_of(text), ErrorCode::unknown_op);
}

TEST(CallError, CarriesErrorsOfTheGraph) {
  const char* text = "out1 = table_read(in1, 2);";
  EXPECT_EQ(error_of(text),
            "patch:1:8: error: table_read: input 1 must be a table, got in1 (patch:1:19), which is a frame\n"
            "out1 = table_read(in1, 2);\n"
            "       ^~~~~~~~~~");
  EXPECT_EQ(code_of(text), ErrorCode::bad_type);
}

}  // namespace

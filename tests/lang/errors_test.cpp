// What patch text that is wrong is told, word for word.

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

TEST(StatementError, WantsItsSemicolonWhereItEnds) {
  const char* text = "out1 = in1 * 2\nx = 3;";
  EXPECT_EQ(error_of(text),
            "patch:1:15: error: expected ';' after the assignment, found 'x'\n"
            "out1 = in1 * 2\n"
            "              ^\n"
            "hint: end the statement with ';'");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(StatementError, WantsItsSemicolonAtTheEndOfThePatch) {
  const char* text = "out1 = in1";
  EXPECT_EQ(error_of(text),
            "patch:1:11: error: expected ';' after the assignment, found the end of the patch\n"
            "out1 = in1\n"
            "          ^\n"
            "hint: end the statement with ';'");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(StatementError, MustDoSomething) {
  const char* text = "in1 + 2;";
  EXPECT_EQ(error_of(text),
            "patch:1:1: error: this statement does nothing: its value is not used\n"
            "in1 + 2;\n"
            "^~~~~~~\n"
            "hint: assign it, such as out1 = …;");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(StatementError, ClosesItsParentheses) {
  const char* text = "out1 = (in1 + 2;";
  EXPECT_EQ(error_of(text),
            "patch:1:16: error: expected ')', found ';'\n"
            "out1 = (in1 + 2;\n"
            "               ^\n"
            "hint: the '(' in line 1 is still open");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(StatementError, ClosesItsBraces) {
  const char* text = "if (in1) { out1 = 1;";
  EXPECT_EQ(error_of(text),
            "patch:1:10: error: this '{' is never closed\n"
            "if (in1) { out1 = 1;\n"
            "         ^\n"
            "hint: add the '}' it belongs to");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(StatementError, MatchesValuesToVariables) {
  const char* text = "a, b = sin(in1); out1 = a;";
  EXPECT_EQ(error_of(text),
            "patch:1:1: error: 2 variables on the left, 1 value on the right\n"
            "a, b = sin(in1); out1 = a;\n"
            "^");
  EXPECT_EQ(code_of(text), ErrorCode::bad_arity);
}

TEST(StatementError, HasNoLoopsYet) {
  const char* text = "for (i = 0; i < 10; i += 1) { out1 = 1; }";
  EXPECT_EQ(error_of(text),
            "patch:1:1: error: 'for' is not supported yet, because loops within a frame are not built yet\n"
            "for (i = 0; i < 10; i += 1) { out1 = 1; }\n"
            "^~~");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(StatementError, HasNoRequireYet) {
  const char* text = "require(\"lib\");";
  EXPECT_EQ(error_of(text),
            "patch:1:1: error: 'require' is not supported yet, because a patch is one file\n"
            "require(\"lib\");\n"
            "^~~~~~~");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(StatementError, HasNoBufferYet) {
  const char* text = "Buffer b(\"name\");";
  EXPECT_EQ(error_of(text),
            "patch:1:1: error: 'Buffer' is not supported yet, because it is a table that the host owns, and the host cannot hand "
            "one over yet\n"
            "Buffer b(\"name\");\n"
            "^~~~~~\n"
            "hint: use Data for a table inside the patch");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(StatementError, ReturnsInFunctionsOnly) {
  const char* text = "return 3;";
  EXPECT_EQ(error_of(text),
            "patch:1:1: error: 'return' stands outside a function\n"
            "return 3;\n"
            "^~~~~~\n"
            "hint: write to out1 to make sound");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(StatementError, WritesAnOutputSomewhere) {
  const char* text = "x = 1;";
  EXPECT_EQ(error_of(text),
            "patch:1:1: error: the patch writes to no output\n"
            "x = 1;\n"
            "^\n"
            "hint: assign to out1");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(StatementError, HasNoArrays) {
  const char* text = "out1 = a[3];";
  EXPECT_EQ(error_of(text),
            "patch:1:9: error: there are no arrays in patch text\n"
            "out1 = a[3];\n"
            "        ^\n"
            "hint: declare a table: Data name(size); and read it with peek(name, index)");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(AssignmentError, LeavesParamsToTheHost) {
  const char* text = "Param p; p = 3; out1 = p;";
  EXPECT_EQ(error_of(text),
            "patch:1:10: error: 'p' is a Param: only the host sets it\n"
            "Param p; p = 3; out1 = p;\n"
            "         ^\n"
            "hint: assign to another name");
  EXPECT_EQ(code_of(text), ErrorCode::bad_value);
}

TEST(AssignmentError, LeavesConstantsAlone) {
  const char* text = "pi = 3; out1 = pi;";
  EXPECT_EQ(error_of(text),
            "patch:1:1: error: 'pi' is a constant and cannot be assigned\n"
            "pi = 3; out1 = pi;\n"
            "^~\n"
            "hint: use another name");
  EXPECT_EQ(code_of(text), ErrorCode::bad_value);
}

TEST(AssignmentError, LeavesInputsAlone) {
  const char* text = "in1 = 2;";
  EXPECT_EQ(error_of(text),
            "patch:1:1: error: 'in1' is an input and cannot be assigned\n"
            "in1 = 2;\n"
            "^~~\n"
            "hint: assign to another name");
  EXPECT_EQ(code_of(text), ErrorCode::bad_value);
}

TEST(DeclarationError, UsesANameOnce) {
  const char* text = "History a; History a; out1 = a;";
  EXPECT_EQ(error_of(text),
            "patch:1:20: error: 'a' exists already, since line 1\n"
            "History a; History a; out1 = a;\n"
            "                   ^\n"
            "hint: use another name");
  EXPECT_EQ(code_of(text), ErrorCode::duplicate_name);
}

TEST(DeclarationError, StandsOutsideBranches) {
  const char* text = "if (in1) { History h; } out1 = 1;";
  EXPECT_EQ(error_of(text),
            "patch:1:20: error: a History cannot be declared inside a branch\n"
            "if (in1) { History h; } out1 = 1;\n"
            "                   ^\n"
            "hint: declare it before the 'if'");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(DeclarationError, WantsAKnownLength) {
  const char* text = "Delay d(in1); out1 = d.read(1);";
  EXPECT_EQ(error_of(text),
            "patch:1:9: error: the length of 'd' must be a number known when the patch is built\n"
            "Delay d(in1); out1 = d.read(1);\n"
            "        ^~~\n"
            "hint: write a number of frames; samplerate may be part of it");
  EXPECT_EQ(code_of(text), ErrorCode::bad_value);
}

TEST(DeclarationError, HasALargestSize) {
  const char* text = "Data t(1e9); out1 = peek(t, 1);";
  EXPECT_EQ(error_of(text),
            "patch:1:8: error: the size of 't' is outside 1 … 67108864 numbers\n"
            "Data t(1e9); out1 = peek(t, 1);\n"
            "       ^~~");
  EXPECT_EQ(code_of(text), ErrorCode::limit_exceeded);
}

TEST(DeclarationError, WantsAKnownInterpolation) {
  const char* text = "Delay d(4, interp=\"linera\"); out1 = d.read(1);";
  EXPECT_EQ(error_of(text),
            "patch:1:12: error: interp=\"linera\" is not known; it is none, linear, cosine, cubic or spline\n"
            "Delay d(4, interp=\"linera\"); out1 = d.read(1);\n"
            "           ^~~~~~");
  EXPECT_EQ(code_of(text), ErrorCode::bad_value);
}

TEST(DeclarationError, ChecksTheRangeOfAParam) {
  const char* text = "Param q(5, min=0, max=1); out1 = q;";
  EXPECT_EQ(error_of(text),
            "patch:1:7: error: param 'q': the initial value 5.000000 is outside its range 0.000000 … 1.000000\n"
            "Param q(5, min=0, max=1); out1 = q;\n"
            "      ^");
  EXPECT_EQ(code_of(text), ErrorCode::bad_value);
}

TEST(MethodError, SuggestsTheClosestOne) {
  const char* text = "Delay d(10); out1 = d.reed(3);";
  EXPECT_EQ(error_of(text),
            "patch:1:23: error: a Delay has no method 'reed'\n"
            "Delay d(10); out1 = d.reed(3);\n"
            "                      ^~~~\n"
            "hint: did you mean 'read'?");
  EXPECT_EQ(code_of(text), ErrorCode::unknown_name);
}

TEST(MethodError, IsForDelaysAndTables) {
  const char* text = "out1 = in1.read(3);";
  EXPECT_EQ(error_of(text),
            "patch:1:12: error: 'in1' has no methods\n"
            "out1 = in1.read(3);\n"
            "           ^~~~\n"
            "hint: only a Delay has .read and .write, and a Data .peek and .poke");
  EXPECT_EQ(code_of(text), ErrorCode::bad_type);
}

TEST(MethodError, ReadsADelay) {
  const char* text = "Delay d(10); out1 = d;";
  EXPECT_EQ(error_of(text),
            "patch:1:21: error: 'd' is a Delay, not a value\n"
            "Delay d(10); out1 = d;\n"
            "                    ^\n"
            "hint: read it with d.read(time)");
  EXPECT_EQ(code_of(text), ErrorCode::bad_type);
}

TEST(FunctionError, ReturnsOnAllWays) {
  const char* text = "f(x) { if (x) return 1; } out1 = f(in1);";
  EXPECT_EQ(error_of(text),
            "patch:1:1: error: 'f' returns a value on some ways only\n"
            "f(x) { if (x) return 1; } out1 = f(in1);\n"
            "^\n"
            "hint: end it with a 'return'");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(FunctionError, IsDefinedOnce) {
  const char* text = "f(x) { return 1; return 2; } f(x) { return 1; } out1 = f(1);";
  EXPECT_EQ(error_of(text),
            "patch:1:30: error: function 'f' is defined twice, first in line 1\n"
            "f(x) { return 1; return 2; } f(x) { return 1; } out1 = f(1);\n"
            "                             ^\n"
            "hint: rename one of them");
  EXPECT_EQ(code_of(text), ErrorCode::duplicate_name);
}

TEST(TextError, HasNoBitwiseOperators) {
  const char* text = "out1 = 1 & 2;";
  EXPECT_EQ(error_of(text),
            "patch:1:10: error: there are no bitwise operators\n"
            "out1 = 1 & 2;\n"
            "         ^\n"
            "hint: logic is written &&, || and ^^; powers are pow(x, y)");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(TextError, ClosesItsComments) {
  const char* text = "/* never closed";
  EXPECT_EQ(error_of(text),
            "patch:1:1: error: this comment is never closed\n"
            "/* never closed\n"
            "^~\n"
            "hint: end it with */");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(TextError, KeepsNumbersAndNamesApart) {
  const char* text = "out1 = 3x;";
  EXPECT_EQ(error_of(text),
            "patch:1:8: error: a number runs into a name\n"
            "out1 = 3x;\n"
            "       ^~\n"
            "hint: put an operator between them");
  EXPECT_EQ(code_of(text), ErrorCode::syntax);
}

TEST(TextError, KeepsTabsUnderTheCaret) {
  const char* text = "\tout1 = in1 +\tcutof;";
  EXPECT_EQ(error_of(text),
            "patch:1:15: error: unknown name 'cutof'\n"
            "\tout1 = in1 +\tcutof;\n"
            "\t            \t^~~~~\n"
            "hint: assign to it before it is read");
  EXPECT_EQ(code_of(text), ErrorCode::unknown_name);
}

TEST(TextError, CountsColumnsInCharacters) {
  const char* text = "// é comment\nout1 = /* éé */ cutof;";
  EXPECT_EQ(error_of(text),
            "patch:2:17: error: unknown name 'cutof'\n"
            "out1 = /* éé */ cutof;\n"
            "                ^~~~~\n"
            "hint: assign to it before it is read");
  EXPECT_EQ(code_of(text), ErrorCode::unknown_name);
}

std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int k = 0; k < count; ++k) all += text;
  return all;
}

TEST(Limits, StopDeepNesting) {
  EXPECT_EQ(code_of("out1 = " + repeated("(", 100000) + "1;"), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of("out1 = " + repeated("- ", 100000) + "1;"), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of("out1 = 1;" + repeated("if (in1) ", 100000) + "out1 = 2;"), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of("out1 = 1;" + repeated("if (in1) out1 = 2; else ", 100000) + "out1 = 2;"), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of("out1 = " + repeated("in1 ? 1 : ", 100000) + "2;"), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of("f(x) { " + repeated("if (x) return 1; ", 10000) + " return 2; } out1 = f(in1);"), ErrorCode::limit_exceeded);
}

TEST(Limits, LetLongChainsPass) {
  EXPECT_EQ(error_of("out1 = 1" + repeated(" + in1", 20000) + ";"), "");
  EXPECT_EQ(error_of("x = 0;" + repeated("x = x + in1;\n", 20000) + "out1 = x;"), "");
  EXPECT_EQ(error_of("x = 0;" + repeated("if (in1 > x) x = in1;\n", 20000) + "out1 = x;"), "");
}

TEST(Limits, StopCallsThatMultiply) {
  std::string text = "f0(x) { return x + 1; }\n";
  for (int k = 1; k < 60; ++k) {
    const std::string below = "f" + std::to_string(k - 1) + "(x)";
    text += "f" + std::to_string(k) + "(x) { return " + below + " * " + below + "; }\n";
  }
  EXPECT_EQ(code_of(text + "out1 = f59(in1);"), ErrorCode::limit_exceeded);
}

TEST(Limits, CountAllMemory) {
  EXPECT_EQ(code_of("Delay a(6e7); Delay b(6e7); out1 = a.read(1) + b.read(1);"), ErrorCode::limit_exceeded);
}

TEST(Messages, ShowPartOfALongLine) {
  const std::string text = error_of("x = 1" + repeated(" + 1", 5000) + "; out1 = nothing" + repeated(" + 1", 5000) + ";");
  EXPECT_LT(text.size(), 400u);
  EXPECT_NE(text.find("unknown name 'nothing'"), std::string::npos);
}

TEST(Messages, ShowNoControlCharacters) {
  const std::string text = error_of("out1 = nothing; \x1b[31m\xff");
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\xff'), std::string::npos);
}

TEST(LoadPatch, SaysWhichFileIsMissing) {
  dgen::Graph g;
  try {
    dgen::load_patch(g, "/nowhere/patch.genexpr");
    FAIL() << "loaded a file that is not there";
  } catch (const dgen::Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::file_unreadable);
    EXPECT_STREQ(e.what(), "/nowhere/patch.genexpr: the patch cannot be opened or read; check the name and that it is a file");
  }
}

}  // namespace

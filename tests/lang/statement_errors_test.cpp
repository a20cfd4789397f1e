// What patch text that is wrong is told, word for word: statements, declarations, methods.

#include <gtest/gtest.h>

#include "run_patch.h"

namespace {

using dgen::ErrorCode;
using dgen::test::code_of;
using dgen::test::error_of;

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

}  // namespace

// What patch text that is wrong is told, word for word: its characters, and its size.

#include <gtest/gtest.h>

#include "run_patch.h"

namespace {

using dgen::ErrorCode;
using dgen::test::code_of;
using dgen::test::error_of;

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
  for (const std::string path : {"/nowhere/patch.genexpr", DGEN_SOURCE_DIR "/examples"}) {
    dgen::Graph g;
    try {
      dgen::load_patch(g, path);
      FAIL() << "loaded " << path << ", which is no file";
    } catch (const dgen::Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::file_unreadable);
      EXPECT_EQ(e.what(), path + ": the patch cannot be opened or read; check the name and that it is a file");
    }
  }
}

#ifndef _WIN32
TEST(LoadPatch, EndsWhereAFileDoesNot) {
  dgen::Graph g;
  try {
    dgen::load_patch(g, "/dev/zero");
    FAIL() << "loaded a file without an end";
  } catch (const dgen::Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::file_unreadable);
    EXPECT_NE(std::string(e.what()).find("at most 16 MiB"), std::string::npos) << e.what();
  }
}
#endif

}  // namespace

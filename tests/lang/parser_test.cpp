#include "lang/parser.h"

#include <gtest/gtest.h>

namespace {

using dgen::lang::Source;

TEST(Parser, GivesEveryExpressionItsStretchOfText) {
  const Source source{"out1 = in1 * sin(in2, x = 3) + d.read(4);", "p"};
  const dgen::lang::Patch patch = dgen::lang::parse(source);
  std::vector<std::string_view> stretches;
  for (const dgen::lang::Expr& expr : patch.expressions) stretches.push_back(source.at(expr.span));
  EXPECT_EQ(stretches, (std::vector<std::string_view>{"in1", "in2", "3", "sin(in2, x = 3)", "in1 * sin(in2, x = 3)", "4",
                                                      "d.read(4)", "in1 * sin(in2, x = 3) + d.read(4)"}));
}

TEST(Parser, TellsFunctionsFromCalls) {
  const dgen::lang::Patch patch = dgen::lang::parse({"f(a, b = 1) { return a; } g(1); if (x) { } h() { }", "p"});
  ASSERT_EQ(patch.functions.size(), 2u);
  EXPECT_EQ(patch.functions[0].name, "f");
  EXPECT_EQ(patch.functions[0].parameters.size(), 2u);
  EXPECT_EQ(patch.functions[1].name, "h");
  EXPECT_EQ(patch.body.size(), 2u);
}

}  // namespace

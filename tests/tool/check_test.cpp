// `dgen check`: what it prints, and what it finds wrong.

#include <nlohmann/json.hpp>

#include "tool/dgen_tool.h"

namespace {

using nlohmann::json;

class Check : public Tool {
 protected:
  json checked(const std::string& arguments) {
    const auto done = run("check " + arguments + " --json");
    EXPECT_EQ(done.exit_code, 0) << done.errors << done.output;
    return json::parse(done.output);
  }
};

TEST_F(Check, ComparesEveryParameterAndEveryBackEnd) {
  patch("filter.genexpr",
        "Param cutoff(900, min=20, max=18000);\nParam q(1.5, min=0.3, max=10);\nParam gain(0, min=0, max=4);\n"
        "History held(0.1);\nheld = 0.9 * held + 0.1 * in1;\nout1 = svf(in1, cutoff, q) * (1 + gain);\nout2 = tanh(held);\n");
  const json report = checked("@filter.genexpr --frames 600");
  ASSERT_EQ(report.at("params").size(), 3u);
  for (const json& param : report.at("params")) {
    EXPECT_NE(param.at("gradient"), 0);
    EXPECT_LE(param.at("against_differences").at("error"), 1e-6) << param;
    EXPECT_LE(param.at("against_interpreter").at("error"), 1e-3) << param;
  }
  EXPECT_GT(report.at("params")[2].at("value"), 0);  // moved off the end of its range
  EXPECT_EQ(report.at("outputs").size(), 6u);        // two outputs at three widths
  for (const json& output : report.at("outputs")) EXPECT_LE(output.at("against_interpreter").at("error"), 1e-5) << output;
}

TEST_F(Check, PrintsATableWithItsLimits) {
  patch("gain.genexpr", "Param gain(0.5);\nout1 = gain * in1;\n");
  const auto done = run("check @gain.genexpr --width 8");
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.errors, "");
  for (const char* part : {"parameter  value  gradient", "gain       0.5", "limit", "1.0e-06", "cpu, width 8"})
    EXPECT_NE(done.output.find(part), std::string::npos) << part << "\n" << done.output;
}

TEST_F(Check, SaysWhyAParameterHasNoGradient) {
  patch("steps.genexpr", "Param steps(4.5);\nParam unused(1);\nout1 = in1 * floor(steps);\n");
  const auto done = run("check @steps.genexpr --backend interpreter");
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_NE(done.output.find("no gradient: parameter 'steps' (steps.genexpr:1:7): every way from it to the loss has a derivative "
                             "of zero, at floor/floor (steps.genexpr:3:14)\n"),
            std::string::npos)
      << done.output;
  EXPECT_NE(done.output.find("parameter 'unused' (steps.genexpr:2:7): the loss does not depend on it"), std::string::npos);
}

TEST_F(Check, SkipsWhatIsNoDerivativeOnPurposeOrHasAKink) {
  patch("stated.genexpr",
        "Param p(1.7);\nParam edge(0, min=-1, max=1);\nout1 = straight_through(round(p), p) * in1 + max(edge, 0) * in1;\n");
  const json report = checked("@stated.genexpr --frames 100");
  EXPECT_NE(report.at("params")[0].at("why_skipped").get<std::string>().find("straight_through"), std::string::npos);
  EXPECT_NE(report.at("params")[1].at("why_skipped").get<std::string>().find("kink"), std::string::npos) << report;
}

TEST_F(Check, FailsWhereAFigureExceedsItsLimit) {
  // The gradient by p is the difference of two numbers of 1e5: in float32 it has few right digits.
  patch("cancels.genexpr", "Param p(0.5);\nbig = in1 + 100000;\nout1 = (big * p - 100000 * p) * 0.001;\n");
  const auto done = run("check @cancels.genexpr --frames 200 --width 8");
  EXPECT_EQ(done.exit_code, 1) << done.output;
  EXPECT_NE(done.output.find(" !"), std::string::npos) << done.output;
  EXPECT_NE(done.errors.find("exceed"), std::string::npos) << done.errors;
}

TEST_F(Check, AllowsOutputsWhatRoundingAloneDoesToThem) {
  // 100 * 0.29 is just below 29 in double, and 29 in float32.
  patch("jumps.genexpr", "out1 = floor(elapsed * 0.29) / 29;\n");
  const auto done = run("check @jumps.genexpr --frames 400 --width 8");
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_NE(done.output.find("out1: rounding to float32 alone moves it by"), std::string::npos) << done.output;
}

TEST_F(Check, RefusesWhatItCannotCheck) {
  patch("none.genexpr", "Param p(1);\n");
  patch("gain.genexpr", "Param gain(0.5);\nout1 = gain * in1;\n");
  patch("burst.genexpr", "out1 = dgen_log(0 * in1);\n");
  expect_error("check @none.genexpr", 1,
               "dgen: error: @none.genexpr:1:1: error: the patch writes to no output\nParam p(1);\n^~~~~\nhint: assign to out1");
  expect_error("check @gain.genexpr --set gian=1", 1,
               "dgen: error: the patch has no parameter 'gian' (did you mean 'gain'?); its parameters are gain");
  expect_error("check @burst.genexpr", 1, "dgen: error: output 'out1' is not finite in frame 0 in the interpreter");
  expect_error("check @gain.genexpr --frames 3", 2,
               "dgen: error: --frames takes a whole number from 16 to 1000000, not '3'; see 'dgen check --help'");
}

}  // namespace

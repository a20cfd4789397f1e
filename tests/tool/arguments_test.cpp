// The arguments of `dgen`: help, versions, and one clear message for every mistake.

#include "tool/dgen_tool.h"

namespace {

class Arguments : public Tool {};

TEST_F(Arguments, HelpNamesEveryCommandAndGivesExamples) {
  const auto done = run("--help");
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.errors, "");
  for (const char* word : {"render", "play", "explain", "dump", "bench", "ops", "export", "Examples:", "Exit codes"}) {
    EXPECT_NE(done.output.find(word), std::string::npos) << word;
  }
}

TEST_F(Arguments, EveryCommandHasHelpWithExamples) {
  for (const char* command : {"render", "play", "explain", "dump", "bench", "ops", "export"}) {
    const auto done = run(std::string(command) + " --help");
    EXPECT_EQ(done.exit_code, 0) << command;
    EXPECT_NE(done.output.find("  dgen " + std::string(command) + " "), std::string::npos) << done.output;
  }
}

TEST_F(Arguments, NoneIsAMistakeAndShowsHelp) {
  const auto done = run("");
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_EQ(done.output, "");
  EXPECT_NE(done.errors.find("Usage: dgen"), std::string::npos);
}

TEST_F(Arguments, OutputThatCannotBeWrittenIsAnError) {
  const auto done = dgen::base::run({.program = "/bin/sh", .arguments = {"-c", DGEN_TOOL " ops > /dev/full"}});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(done.errors, "dgen: error: cannot write to standard output\n");
}

TEST_F(Arguments, VersionIsTheProjects) {
  const auto done = run("--version");
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.output.substr(0, 5), "dgen ");
}

TEST_F(Arguments, AMisspeltCommandIsSuggested) {
  expect_error(
      "rendr a.genexpr", 2,
      "dgen: error: unknown command 'rendr' (did you mean 'render'?); the commands are render, play, explain, dump, bench, "
      "ops, export, check, devices, train; see 'dgen --help'");
}

TEST_F(Arguments, AMisspeltOptionIsSuggested) {
  expect_error("render @a.genexpr -o @o.wav --blok 5", 2,
               "dgen: error: unknown option '--blok' (did you mean '--block'?); see 'dgen render --help'");
  expect_error("render --blok=5", 2, "dgen: error: unknown option '--blok' (did you mean '--block'?); see 'dgen render --help'");
  expect_error("--foo", 2, "dgen: error: unknown option '--foo'; see 'dgen --help'");
}

TEST_F(Arguments, WhatIsMissingIsNamed) {
  expect_error("render", 2, "dgen: error: PATCH is required; see 'dgen render --help'");
  expect_error("render @a.genexpr --seconds 1", 2, "dgen: error: --output is required; see 'dgen render --help'");
  expect_error("render @a.genexpr -o @o.wav", 2, "dgen: error: without an input file (-i) the length is needed: --seconds S");
  expect_error("render @a.genexpr -o @o.wav --seconds", 2,
               "dgen: error: --seconds: 1 required S missing; see 'dgen render --help'");
  expect_error("play", 2, "dgen: error: PATCH is required; see 'dgen play --help'");
}

TEST_F(Arguments, SayWhatAnOptionTakes) {
  expect_error("render @a.genexpr -o @o.wav --seconds -2", 2,
               "dgen: error: --seconds takes a number from 0 to 1000000000, not '-2'; see 'dgen render --help'");
  expect_error("render @a.genexpr -o @o.wav --seconds 2s", 2,
               "dgen: error: --seconds takes a number from 0 to 1000000000, not '2s'; see 'dgen render --help'");
  expect_error("render @a.genexpr -o @o.wav --rate 0", 2,
               "dgen: error: --rate takes a number from 1 to 10000000, not '0'; see 'dgen render --help'");
  expect_error("bench @a.genexpr --block 1.5", 2,
               "dgen: error: --block takes a whole number from 1 to 16777216, not '1.5'; see 'dgen bench --help'");
  expect_error("render @a.genexpr -o @o.wav --backend gpu", 2,
               "dgen: error: --backend takes auto, cpu, interpreter, cuda, metal or opencl, not 'gpu'; see 'dgen render --help'");
  expect_error("dump @a.genexpr --stage grap", 2,
               "dgen: error: --stage takes graph, closed, schedule, ir or source, not 'grap'; see 'dgen dump --help'");
  expect_error("render @a.genexpr --seconds 1 -o @o.wav --set gain", 2,
               "dgen: error: --set takes NAME=VALUE with a number, not 'gain'");
  expect_error("render @a.genexpr --seconds 1 -o @o.wav --set gain=loud", 2,
               "dgen: error: --set takes NAME=VALUE with a number, not 'gain=loud'");
  expect_error("render @a.genexpr b.genexpr --seconds 1 -o @o.wav", 2,
               "dgen: error: unexpected argument 'b.genexpr'; see 'dgen render --help'");
}

TEST_F(Arguments, OpsDescribeOneAndSuggestANearOne) {
  const auto done = run("ops biquad");
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.output.substr(0, 17), "biquad(x, cutoff_");
  expect_error("ops biqad", 1, "dgen: error: there is no op 'biqad' (did you mean 'biquad'?); 'dgen ops' lists them");
}

TEST_F(Arguments, OpsListTheWholeTableAsTextAndJson) {
  const auto text = run("ops"), json = run("ops --json");
  for (const char* op : {"phasor", "accum", "latch", "delay", "biquad", "compressor", "gswitch", "selector", "sin", "clamp"}) {
    EXPECT_NE(text.output.find("\n  " + std::string(op) + "("), std::string::npos) << op;
    EXPECT_NE(json.output.find("\"name\": \"" + std::string(op) + "\""), std::string::npos) << op;
  }
}

}  // namespace

// `dgen train --starts, --search`: fits that descent from the patch's own values does not find.

#include <cmath>

#include "dgen/audio.h"
#include "tool/train_tool.h"

namespace {

constexpr const char* tone =
    "Param pitch(900, min=50, max=2000, mapping=\"log\");\n"
    "Param third(0.5, min=0, max=1);\n"
    "phase = twopi * phasor(pitch);\n"
    "out1 = 0.4 * (sin(phase) + third * sin(3 * phase));\n";

class TrainSearch : public TrainTool {
 protected:
  TrainSearch() {
    patch("tone.genexpr", tone);
    std::vector<float> row;
    for (int n = 0; n < 2000; ++n) {
      const double phase = 2 * 3.14159265358979 * 330 * n / 8000;
      row.push_back(static_cast<float>(0.4 * (std::sin(phase) + 0.7 * std::sin(3 * phase))));
    }
    dgen::write_audio(folder / "target.wav", {.sample_rate = 8000, .channels = {row}});
  }

  /// Runs `dgen train`, which must succeed; what it said is in `errors`.
  std::string trained(const std::string& arguments, const std::string& name = "tone") {
    return trained_with("@" + name + ".genexpr --target @target.wav --loss spectral:window=256 " + arguments);
  }
};

TEST_F(TrainSearch, FindsAPitchThatDescentAloneDoesNot) {
  trained("--steps 150");
  EXPECT_GT(std::fabs(fitted("pitch") - 330), 50);
  for (const char* method : {"--starts 512", "--search random --starts 512", "--search cma-es --starts 200 --generations 40"}) {
    trained(std::string("--steps 150 --seed 1 ") + method);
    EXPECT_NEAR(fitted("pitch"), 330, 0.1) << method;
    EXPECT_NEAR(fitted("third"), 0.7, 1e-3) << method;
    EXPECT_TRUE(said("dgen: search: best loss ")) << errors;
  }
  EXPECT_TRUE(said("dgen: generation 0 of 40, best loss ")) << errors;
  EXPECT_TRUE(said("; 40 generations: all generations were made\n") || said(" generations: ")) << errors;
}

TEST_F(TrainSearch, GivesTheSameBytesForAnyNumberOfThreads) {
  std::string first;
  for (const char* threads : {"1", "2", "3"}) {
    trained(std::string("--steps 10 --search cma-es --starts 64 --generations 5 --refine 3 --threads ") + threads);
    if (first.empty()) first = slurp(folder / "o.genexpr");
    EXPECT_EQ(slurp(folder / "o.genexpr"), first) << threads;
  }
  trained("--steps 10 --search cma-es --starts 64 --generations 5 --refine 3 --seed 2");
  EXPECT_NE(slurp(folder / "o.genexpr"), first);
}

TEST_F(TrainSearch, AResumedDescentFromWhatWasFoundIsTheSameBitForBit) {
  const std::string most = "--starts 64 --refine 2 --schedule constant --steps ";
  trained(most + "30");
  const std::string whole = slurp(folder / "o.genexpr");
  trained(most + "12 --checkpoint @state --resume");
  EXPECT_TRUE(said("there is no checkpoint '@state' yet")) << errors;
  EXPECT_TRUE(std::filesystem::exists(folder / "state.2"));
  trained(most + "30 --checkpoint @state --resume");
  EXPECT_TRUE(said("dgen: continuing after step 12 of '@state'\n")) << errors;
  EXPECT_FALSE(said("search: ")) << errors;
  EXPECT_EQ(slurp(folder / "o.genexpr"), whole);
}

TEST_F(TrainSearch, ResumesOnlyWhatIsWholeAndOfTheSameSearch) {
  // One parameter between 0 and 1: fewer starts that differ than descents that are asked for.
  patch("level.genexpr", "Param level(0.2, min=0, max=1);\nout1 = level * sin(twopi * phasor(330));\n");
  const std::string most = "--starts 4 --refine 30 --schedule constant --checkpoint @state --steps ";
  trained(most + "3", "level");
  EXPECT_FALSE(std::filesystem::exists(folder / "state.30"));
  trained(most + "6 --resume", "level");
  EXPECT_TRUE(said("dgen: continuing after step 3 of '@state'\n")) << errors;
  EXPECT_FALSE(said("search: ")) << errors;
  const auto refused = [&](const std::string& arguments, const std::string& why) {
    const auto done = run("train @level.genexpr --target @target.wav -o @o.genexpr --loss spectral:window=256 " + arguments);
    EXPECT_EQ(done.exit_code, 1) << arguments;
    EXPECT_NE(shorten(done.errors).find(why), std::string::npos) << arguments << "\n" << done.errors;
    EXPECT_EQ(done.errors.find("search: best"), std::string::npos) << done.errors;
  };
  refused(
      most + "9 --resume --seed 5",
      "the checkpoint '@state' does not go with this training: it was made with the search: Latin hypercube of 4 starts, "
      "seed 0; the best 30 refined; here it is: Latin hypercube of 4 starts, seed 5; the best 30 refined. Give the arguments");
  refused(most + "9 --resume --scale none", "it was made with --scale: range; here it is: none");
  refused("--steps 9 --checkpoint @state --resume", "here it is: none");
  spill(folder / "state.2", "");
  refused(most + "9 --resume", "the checkpoint '@state.2' is empty");
}

TEST_F(TrainSearch, MovesWhatNoGradientReaches) {
  patch("steps.genexpr",
        "Param note(40, min=20, max=80);\nParam level(0.4);\n"
        "out1 = level * 2.5 * 0.4 * sin(twopi * phasor(mtof(floor(note))));\n");
  const std::string table = trained("--steps 20 --starts 128 --refine 1 --report @o.html", "steps");
  EXPECT_TRUE(said("dgen: warning: 'note' is found by the search only: ")) << errors;
  EXPECT_TRUE(said("dgen: warning: 'level' is not searched: it has no range: give it a min and a max\n")) << errors;
  EXPECT_NE(table.find("  found by the search only\n"), std::string::npos) << table;
  EXPECT_EQ(std::floor(fitted("note")), 64);  // 329.6 Hz
  EXPECT_NE(slurp(folder / "o.html").find("Latin hypercube of 128 starts, seed 0; the best 1 refined"), std::string::npos);
  trained("--refine 0 --starts 128 --freeze level", "steps");
  EXPECT_EQ(std::floor(fitted("note")), 64);
  EXPECT_EQ(fitted("level"), 0.4);
}

TEST_F(TrainSearch, ArgumentsThatMakeNoSenseAreExplained) {
  const std::string most = "train @tone.genexpr --target @target.wav -o @o.genexpr ";
  expect_error(most + "--search lsh", 2, "dgen: error: --search takes lhs, random or cma-es, not 'lsh'; see 'dgen train --help'");
  expect_error(most + "--starts 4 --generations 3", 2, "dgen: error: --generations is of --search cma-es");
  expect_error(most + "--search lhs --population 30", 2, "dgen: error: --population is of --search cma-es");
  expect_error(most + "--refine 2", 2, "dgen: error: --refine needs a search: give --starts N or --search METHOD");
  expect_error(most + "--starts 0", 2, "dgen: error: --starts 0 leaves nothing to search; it is of --search cma-es");
  expect_error(most + "--starts 9 --refine 0 --checkpoint @state", 2,
               "dgen: error: --checkpoint keeps the state of a descent, of which --refine 0 makes none");
  expect_error(most + "--starts 9 --wav @state.2.wav --checkpoint @state --report @state.2", 2,
               "dgen: error: --checkpoint would overwrite what is written by --report, '@state.2'; give it another name");
  const auto frozen = run(most + "--starts 8 --freeze pitch --freeze third");
  EXPECT_EQ(frozen.exit_code, 1);
  EXPECT_NE(frozen.errors.find("all parameters are frozen"), std::string::npos) << frozen.errors;
}

}  // namespace

// `dgen train`: what is fitted, what is written, rules for the sounds, and errors.

#include <cmath>

#include "dgen/audio.h"
#include "dgen/safetensors.h"
#include "tool/train_tool.h"

namespace {

constexpr const char* filter =
    "// A filter to learn\n"
    "Param cutoff( 500 , min=20, max=3500, mapping=\"log\");  // Hz\n"
    "Param gain(1, min=0, max=2);\n"
    "History y;\n"
    "y = in1 + exp(-twopi * cutoff / samplerate) * (y - in1);\n"
    "out1 = gain * y;\n";

class Train : public TrainTool {
 protected:
  Train() {
    patch("filter.genexpr", filter);
    patch("gain.genexpr", "Param gain(1, min=0, max=4);\nParam idle(2);\nout1 = in1 * gain;\n");
    dgen::write_audio(folder / "in.wav", {.sample_rate = 8000, .channels = {noise(4000)}});
    write_scaled("half.wav", 0.5f);
  }

  static std::vector<float> noise(int frames) {
    std::vector<float> row;
    unsigned state = 1;
    for (int n = 0; n < frames; ++n) {
      state = state * 1664525u + 1013904223u;
      row.push_back(static_cast<float>(state >> 8) / 16777216.0f - 0.5f);
    }
    return row;
  }

  void write_scaled(const std::string& name, float gain, double rate = 8000, int frames = 4000) {
    std::vector<float> row = noise(frames);
    for (float& sample : row) sample *= gain;
    dgen::write_audio(folder / name, {.sample_rate = rate, .channels = {row}});
  }

  /// Runs `dgen train`, which must succeed; what it said is in `errors`.
  std::string trained(const std::string& arguments, const std::string& patch = "@gain.genexpr -i @in.wav --target @half.wav") {
    return trained_with(patch + " " + arguments);
  }
};

TEST_F(Train, FindsWhatAFilterDid) {
  ASSERT_EQ(run("render @filter.genexpr -i @in.wav --set cutoff=1234 --set gain=0.3 -o @target.wav").exit_code, 0);
  const std::string table =
      trained("--steps 500 --lr 0.05 --wav @o.wav --report @o.html", "@filter.genexpr -i @in.wav --target @target.wav");
  EXPECT_NEAR(fitted("cutoff"), 1234, 0.02);
  EXPECT_NEAR(fitted("gain"), 0.3, 1e-4);
  const std::string text = slurp(folder / "o.genexpr");
  EXPECT_EQ(text.substr(0, 35), "// A filter to learn\nParam cutoff( ");
  EXPECT_NE(text.find(" , min=20, max=3500, mapping=\"log\");  // Hz\nParam gain("), std::string::npos) << text;
  EXPECT_EQ(table.substr(0, 9), "parameter") << table;
  EXPECT_NE(table.find("\ncutoff        500       1234\n"), std::string::npos) << table;
  EXPECT_NE(table.find("\nloss"), std::string::npos) << table;
  EXPECT_NE(errors.find("dgen: step 100 of 500, loss "), std::string::npos) << errors;
  EXPECT_NE(errors.find("dgen: wrote '@o.genexpr'\ndgen: wrote '@o.wav'\ndgen: wrote '@o.html'\n"), std::string::npos) << errors;
  EXPECT_NE(slurp(folder / "o.html").find("filter.genexpr fitted to target.wav"), std::string::npos);

  ASSERT_EQ(run("render @o.genexpr -i @in.wav -o @again.wav").exit_code, 0);
  EXPECT_TRUE(slurp(folder / "again.wav") == slurp(folder / "o.wav")) << "--wav is not what the fitted patch plays";
}

TEST_F(Train, OverwritesNothing) {
  const std::string most = "train @gain.genexpr -i @in.wav --target @half.wav ";
  for (const char* outputs : {"-o @in.wav", "-o @gain.genexpr", "-o @o.genexpr --wav @half.wav",
                              "-o @o.genexpr --checkpoint @gain.genexpr", "-o @o.genexpr --report @o.genexpr"}) {
    const auto refused = run(most + outputs);
    EXPECT_EQ(refused.exit_code, 2) << outputs;
    EXPECT_NE(refused.errors.find(" would overwrite "), std::string::npos) << refused.errors;
  }
  EXPECT_EQ(slurp(folder / "gain.genexpr").rfind("Param gain(1,", 0), 0u);
}

TEST_F(Train, GivesTheSameBytesOnEveryRun) {
  trained("--steps 20 --segment 0.05 --seed 3 --report @a.html");
  const std::string text = slurp(folder / "o.genexpr");
  trained("--steps 20 --segment 0.05 --seed 3 --report @b.html");
  EXPECT_EQ(slurp(folder / "o.genexpr"), text);
  const std::string a = slurp(folder / "a.html"), b = slurp(folder / "b.html");
  const auto without_command = [](std::string page) {
    return page.erase(page.find("<pre>$ "), page.find("</pre>", page.find("<pre>$ ")));
  };
  EXPECT_TRUE(without_command(a) == without_command(b));
}

TEST_F(Train, NoStepsWriteThePatchAsItIs) {
  const std::string table = trained("--steps 0 --wav @o.wav --report @o.html");
  EXPECT_EQ(slurp(folder / "o.genexpr"), slurp(folder / "gain.genexpr"));
  EXPECT_EQ(dgen::read_audio(folder / "o.wav").channels[0], noise(4000));
  EXPECT_NE(table.find("\nloss            1      1\n"), std::string::npos) << table;
}

TEST_F(Train, SaysWhichParametersStayAndWhy) {
  const std::string table = trained("--steps 2");
  EXPECT_NE(errors.find("dgen: warning: 'idle' is not trained: "), std::string::npos) << errors;
  EXPECT_NE(table.find("\nidle            2         2  not trained: "), std::string::npos) << table;
  EXPECT_EQ(fitted("idle"), 2);
  trained("--steps 2 --freeze cutoff", "@filter.genexpr -i @in.wav --target @half.wav");
  EXPECT_EQ(fitted("cutoff"), 500);
  EXPECT_NE(fitted("gain"), 1);
}

TEST_F(Train, StartsFromTheSettings) {
  const std::string table = trained("--steps 0 --set gain=0.5 --set idle=7");
  EXPECT_NE(table.find("\nloss            0      0\n"), std::string::npos) << table;
  EXPECT_EQ(fitted("gain"), 0.5);
  EXPECT_EQ(fitted("idle"), 7);
}

TEST_F(Train, WritesItsValuesAsWeightsThatOtherCommandsTake) {
  trained("--steps 20 --set idle=7 --wav @o.wav --save-weights @w.safetensors");
  EXPECT_NE(errors.find("dgen: wrote '@w.safetensors'\n"), std::string::npos) << errors;
  const std::vector<dgen::NamedTensor> weights = dgen::read_safetensors(folder / "w.safetensors");
  ASSERT_EQ(weights.size(), 2u);
  EXPECT_EQ(weights[0].name, "gain");
  EXPECT_EQ(weights[0].shape.rank, 0);
  EXPECT_EQ(weights[0].values[0], fitted("gain"));
  EXPECT_EQ(weights[1].values[0], 7);

  const std::string render = "render @gain.genexpr -i @in.wav --weights @w.safetensors -o @again.wav";
  ASSERT_EQ(run(render).exit_code, 0);
  EXPECT_TRUE(slurp(folder / "again.wav") == slurp(folder / "o.wav"));
  trained("--steps 0 --weights @w.safetensors --set idle=3");
  EXPECT_EQ(fitted("gain"), weights[0].values[0]);
  EXPECT_EQ(fitted("idle"), 3) << "--set goes before --weights";
}

TEST_F(Train, WeightsThatDoNotFitAreExplained) {
  const std::string most = "train @gain.genexpr -i @in.wav --target @half.wav -o @o.genexpr --weights @w.safetensors";
  const auto write = [&](const dgen::NamedTensor& tensor) {
    dgen::write_safetensors(folder / "w.safetensors", std::span(&tensor, 1));
  };
  const std::string no_match = "dgen: error: the weights '@w.safetensors' do not go with this patch: ";
  write({"gian", {}, {1}});
  expect_error(most, 1, no_match + "the patch has no parameter 'gian' (did you mean 'gain'?); its parameters are gain, idle");
  write({"gain", dgen::extents({2}), {1, 2}});
  expect_error(most, 1, no_match + "'gain' has the shape [2], and the parameters of a patch are single numbers");
  write({"gain", {}, {std::nan("")}});
  expect_error(most, 1, no_match + "'gain' is not a finite number");
  write({"gain", dgen::extents({1}), {9}});
  EXPECT_EQ(run(most + " --steps 0").errors.rfind("dgen: warning: gain = 9 is outside its range 0 to 4; 4 is used\n", 0), 0u);
  EXPECT_EQ(run(most + " --save-weights @w.safetensors").exit_code, 2) << "would overwrite what is read";
  spill(folder / "w.safetensors", "no weights");
  expect_error(most, 1,
               "dgen: error: the weights '@w.safetensors': it is no safetensors file: its header would be "
               "7523097587056930670 bytes long");
}

TEST_F(Train, TakesEveryLossOptimizerAndSchedule) {
  for (const char* loss : {"mse", "l1:pre-emphasis=0.85", "esr", "log-cosh:reduction=sum", "0.5*mse+1e+1*l1"}) {
    trained("--steps 60 --lr 0.05 --loss " + std::string(loss));
    EXPECT_NEAR(fitted("gain"), 0.5, 0.02) << loss;
  }
  trained("--steps 2 --loss si-sdr");
  for (const char* optimizer : {"adamw", "rmsprop", "adagrad --lr 0.1", "lion", "sgd:momentum=0.5 --lr 0.1"}) {
    trained("--steps 60 --schedule linear --optimizer " + std::string(optimizer));
    EXPECT_NEAR(fitted("gain"), 0.5, 0.05) << optimizer;
  }
  trained("--steps 100 --optimizer sgd --scale none --lr 1 --schedule warmup:5+constant --loss mse");
  EXPECT_NEAR(fitted("gain"), 0.5, 1e-3);
}

TEST_F(Train, LearnsFromRandomStretches) {
  trained("--steps 150 --segment 0.05 --pre-roll 0.01");
  EXPECT_NEAR(fitted("gain"), 0.5, 1e-3);
}

TEST_F(Train, ASoundOfItsOwnNeedsNoInput) {
  patch("drone.genexpr", "Param level(0.2, min=0, max=1);\nout1 = level * cycle(100);\n");
  ASSERT_EQ(run("render @drone.genexpr --seconds 0.25 --rate 8000 --set level=0.7 -o @drone.wav").exit_code, 0);
  trained("--steps 300 --lr 0.05 --loss mse --segment 0.1", "@drone.genexpr --target @drone.wav");
  EXPECT_NEAR(fitted("level"), 0.7, 1e-3);
}

TEST_F(Train, ConvertsCutsAndMixesAndSaysSo) {
  write_scaled("fast.wav", 0.5f, 16000, 10000);
  trained("--steps 0", "@gain.genexpr -i @in.wav --target @fast.wav");
  EXPECT_EQ(errors.substr(0, errors.find("dgen: fitting")),
            "dgen: '@fast.wav' is converted from 16000 to 8000 Hz\n"
            "dgen: '@fast.wav' is longer (0.625 s) than '@in.wav': its first 0.5 s are used\n");
  trained("--steps 0 --rate 4000");
  EXPECT_NE(
      errors.find("dgen: '@half.wav' is converted from 8000 to 4000 Hz\ndgen: '@in.wav' is converted from 8000 to 4000 Hz\n"),
      std::string::npos)
      << errors;
  dgen::write_audio(folder / "stereo.wav", {.sample_rate = 8000, .channels = {noise(3000), noise(3000)}});
  trained("--steps 0", "@gain.genexpr -i @stereo.wav --target @stereo.wav");
  EXPECT_EQ(errors.substr(0, errors.find("dgen: fitting")),
            "dgen: the patch has one output: it is fitted to the mean of the 2 channels of '@stereo.wav'\n"
            "dgen: the patch has one input: it hears the mean of the 2 channels of '@stereo.wav'\n");
  patch("both.genexpr", "Param a(1, min=0, max=2), b(1, min=0, max=2);\nout1 = a * in1;\nout2 = b * in2;\n");
  std::vector<float> quarter = noise(4000), most = quarter;
  for (std::size_t n = 0; n < quarter.size(); ++n) quarter[n] *= 0.25f, most[n] *= 1.5f;
  dgen::write_audio(folder / "two.wav", {.sample_rate = 8000, .channels = {quarter, most}});
  trained("--steps 300 --lr 0.05", "@both.genexpr -i @in.wav --target @two.wav");
  EXPECT_NEAR(fitted("a"), 0.25, 1e-3);
  EXPECT_NEAR(fitted("b"), 1.5, 1e-3);
}

TEST_F(Train, ComparesSpectra) {
  for (const char* window :
       {"window=64", "window=64,hop=32,window-function=blackman,padding=left,norm=l1,normalisation=none,reduction=sum"}) {
    trained("--steps 100 --lr 0.05 --loss 0.5*mse+spectral:" + std::string(window));
    EXPECT_NEAR(fitted("gain"), 0.5, 0.01) << window;
  }
  const std::string most = "train @gain.genexpr -i @in.wav --target @half.wav -o @o.genexpr ";
  expect_error(
      most + "--loss spectral:window=8192", 1,
      "dgen: error: the first window of the spectral loss ends after 8193 frames, the sound after 4000 frames: choose a shorter "
      "one, such as --loss spectral:window=1000");
  const auto brief = run(most + "--loss spectral:window=512 --segment 0.05 --steps 1 --backend interpreter");
  EXPECT_EQ(brief.exit_code, 2);
  EXPECT_NE(brief.errors.find("dgen: error: --segment 0.05 s ends before the first window of the spectral loss, 513 frames"),
            std::string::npos)
      << brief.errors;
  expect_error(most + "--loss spectral:window-function=han", 2,
               "dgen: error: --loss: window-function takes hann, hamming, blackman or rectangular, not 'han'");
  expect_error(most + "--loss spectral:hop=0", 2,
               "dgen: error: --loss: hop takes a whole number of frames from 1 to 1048576, not '0'");
  expect_error(most + "--loss spectral:wndow=64", 2,
               "dgen: error: --loss: 'spectral' has no 'wndow' (did you mean 'window'?); it takes window, hop, window-function, "
               "padding, norm, normalisation, reduction, scale, floor");
}

TEST_F(Train, ComparesSpectraOfSeveralKinds) {
  for (const char* loss :
       {"spectral:window=64,hop=32,scale=smooth-log,floor=0.01,padding=center", "stft:fft=64/32,hop=32/16,log=0.1",
        "multi-scale:window=64/32,log=0+mel:fft=64,bands=6+log-mel:fft=64,bands=4,scale=htk"}) {
    trained("--steps 100 --lr 0.05 --loss " + std::string(loss));
    EXPECT_NEAR(fitted("gain"), 0.5, 0.02) << loss;
  }
  const std::string most = "train @gain.genexpr -i @in.wav --target @half.wav -o @o.genexpr ";
  expect_error(most + "--loss stft:fft=64/32,hop=16", 2,
               "dgen: error: --loss: 'stft' takes as many values of hop and window as of fft");
  expect_error(most + "--loss log-mel:scale=bark", 2, "dgen: error: --loss: scale takes slaney or htk, not 'bark'");
  expect_error(most + "--loss mel:bands=0", 2, "dgen: error: --loss: bands takes a whole number from 1 to 1024, not '0'");
  expect_error(most + "--loss multi-scale:log=no", 2, "dgen: error: --loss: log takes a number, not 'no'");
  expect_error(most + "--loss stft:fft=64/x", 2, "dgen: error: --loss: fft takes a number, not 'x'");
}

TEST_F(Train, ValuesThatALossRefusesAreMistakesInTheArguments) {
  const std::string most = "train @gain.genexpr -i @in.wav --target @half.wav -o @o.genexpr --loss ";
  expect_error(most + "spectral:window=64,window=32", 2,
               "dgen: error: --loss: 'spectral' is given window twice; a sum compares in both ways: "
               "spectral:window=…+spectral:window=…");
  for (const char* factor : {"0", "-1", "-0.0"}) {
    expect_error(most + factor + "*esr", 2,
                 "dgen: error: --loss: a factor must be above 0, so that the loss falls, not '" + std::string(factor) + "'");
  }
  for (const char* size : {"0", "1", "65536"}) {
    expect_error(most + "spectral:window=" + size, 2,
                 "dgen: error: --loss: window takes a whole number of frames from 2 to 8192, not '" + std::string(size) + "'");
  }
  expect_error(most + "spectral:window=7", 2,
               "dgen: error: --loss: 'spectral': spectral_loss: the window has 7 frames; it must be even");
  for (const char* bad : {"esr:pre_emphasis=2", "mel:high=10", "mel:low=3000,high=1000", "log-mel:floor=0", "stft:fft=63",
                          "stft:fft=64,window=128", "multi-scale:window=6", "inf*esr"}) {
    const auto done = run(most + bad);
    EXPECT_EQ(done.exit_code, 2) << bad;
    EXPECT_EQ(done.errors.rfind("dgen: error: --loss: ", 0), 0u) << done.errors;
  }
}

TEST_F(Train, CtrlCKeepsWhatWasReached) {
  const auto done = dgen::base::run({.program = "/bin/sh",
                                     .arguments = {"-c", "cd '" + folder.path().string() +
                                                             "' && timeout --foreground --preserve-status -s INT 1 '" DGEN_TOOL
                                                             "' train gain.genexpr -i in.wav --target half.wav -o o.genexpr "
                                                             "--steps 100000000 --schedule constant"},
                                     .input = {},
                                     .timeout_s = 60});
  EXPECT_EQ(done.exit_code, 0) << done.errors;
  EXPECT_NE(done.errors.find("dgen: stopped after step "), std::string::npos) << done.errors;
  EXPECT_NEAR(fitted("gain"), 0.5, 1e-3);
}

TEST_F(Train, ContinuesFromACheckpointBitForBit) {
  const std::string sounds = "@filter.genexpr -i @in.wav --target @half.wav";
  trained("--steps 40 --segment 0.05 --schedule constant --wav @whole.wav", sounds);
  const std::string text = slurp(folder / "o.genexpr");
  trained("--steps 15 --segment 0.05 --schedule constant --checkpoint @state --resume", sounds);
  EXPECT_NE(errors.find("dgen: there is no checkpoint '@state' yet: starting from the first step\n"), std::string::npos)
      << errors;
  EXPECT_NE(slurp(folder / "o.genexpr"), text);
  trained("--steps 40 --segment 0.05 --schedule constant --checkpoint @state --resume --wav @parts.wav", sounds);
  EXPECT_NE(errors.find("dgen: continuing after step 15 of '@state'\n"), std::string::npos) << errors;
  EXPECT_EQ(slurp(folder / "o.genexpr"), text);
  EXPECT_TRUE(slurp(folder / "parts.wav") == slurp(folder / "whole.wav"));
}

TEST_F(Train, ACheckpointThatIsNoneIsExplainedAndKept) {
  spill(folder / "state", "not a checkpoint");
  const auto done = run("train @gain.genexpr -i @in.wav --target @half.wav -o @o.genexpr --checkpoint @state --resume");
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_NE(shorten(done.errors).find("@state"), std::string::npos) << done.errors;
  EXPECT_EQ(slurp(folder / "state"), "not a checkpoint");
  EXPECT_FALSE(std::filesystem::exists(folder / "o.genexpr"));
}

TEST_F(Train, ATrainingThatLeavesTheNumbersKeepsTheBestAndFails) {
  patch("power.genexpr", "Param a(1);\nout1 = in1 * a * a * a;\n");
  const auto done =
      run("train @power.genexpr -i @in.wav --target @half.wav -o @o.genexpr --optimizer sgd --scale none --lr 1e9 "
          "--loss mse --schedule constant");
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_NE(done.errors.find("dgen: error: training, step "), std::string::npos) << done.errors;
  EXPECT_NE(shorten(done.errors).find("dgen: wrote '@o.genexpr'\n"), std::string::npos) << done.errors;
  EXPECT_EQ(fitted("a"), 1);
}

TEST_F(Train, AFileThatCannotBeWrittenKeepsNoOtherBack) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const auto done =
      run("train @gain.genexpr -i @in.wav --target @half.wav -o /dev/full --wav @o.wav --report /dev/full --steps 3");
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_NE(shorten(done.errors).find("dgen: wrote '@o.wav'\ndgen: error: cannot write '/dev/full': No space left on device\n"),
            std::string::npos)
      << done.errors;
  EXPECT_NE(done.output.find("\ngain "), std::string::npos) << "the values are not lost";
}

TEST_F(Train, ArgumentsThatMakeNoSenseAreExplained) {
  const std::string most = "train @gain.genexpr -i @in.wav --target @half.wav -o @o.genexpr ";
  expect_error(
      most + "--loss msee", 2,
      "dgen: error: --loss: there is no loss 'msee' (did you mean 'mse'?); the losses are mse, l1, esr, log-cosh, si-sdr, "
      "spectral, stft, multi-scale, mel, log-mel");
  expect_error(most + "--loss mse:window=3", 2, "dgen: error: --loss: 'mse' has no 'window'; it takes pre-emphasis, reduction");
  expect_error(most + "--loss 2*", 2, "dgen: error: --loss: a loss is missing in '2*'");
  expect_error(most + "--loss x*mse", 2, "dgen: error: --loss: a factor takes a number, not 'x'");
  expect_error(most + "--loss mse:reduction=max", 2, "dgen: error: --loss: reduction takes mean or sum, not 'max'");
  expect_error(most + "--resume", 2, "dgen: error: --resume needs --checkpoint FILE, the file to continue from");
  expect_error(most + "--steps -1", 2,
               "dgen: error: --steps takes a whole number from 0 to 1000000000, not '-1'; see 'dgen train --help'");
  for (const std::string seed : {"-1", "1.5", "99999999999999999999"}) {
    expect_error(
        most + "--seed " + seed, 2,
        "dgen: error: --seed takes a whole number from 0 to 18446744073709551615, not '" + seed + "'; see 'dgen train --help'");
  }
  for (const char* bad : {"--optimizer adma", "--schedule cosin", "--optimizer adam:beta3=1"}) {
    const auto done = run(most + bad);
    EXPECT_EQ(done.exit_code, 2) << bad;
    EXPECT_EQ(done.errors.rfind("dgen: error: --", 0), 0u) << done.errors;
  }
  for (const char* bad : {"--set gian=1", "--freeze gian"}) {
    const auto done = run(most + bad);
    EXPECT_EQ(done.exit_code, 1) << bad;
    EXPECT_NE(done.errors.find("gian"), std::string::npos) << done.errors;
  }
  const auto frozen = run(most + "--freeze gain");
  EXPECT_EQ(frozen.exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(folder / "o.genexpr"));
}

TEST_F(Train, SoundsThatCannotBeFittedAreExplained) {
  const std::string most = "train @gain.genexpr -i @in.wav -o @o.genexpr --target ";
  expect_error(most + "@none.wav", 1, "dgen: error: cannot read '@none.wav': No such file or directory");
  dgen::write_audio(folder / "silent.wav", {.sample_rate = 8000, .channels = {std::vector<float>(500)}});
  expect_error(most + "@silent.wav", 1, "dgen: error: '@silent.wav' is silent: there is nothing to fit the patch to");
  dgen::write_audio(folder / "nan.wav", {.sample_rate = 8000, .channels = {{0, 1, std::nanf(""), 0}}});
  expect_error(
      most + "@nan.wav", 1,
      "dgen: error: '@nan.wav' holds 1 sample that is NaN or infinite, first at frame 2 of channel 1: no fit can come of "
      "it; repair the file first");
  dgen::write_audio(folder / "two.wav", {.sample_rate = 8000, .channels = {noise(9), noise(9)}});
  patch("three.genexpr", "Param a(1);\nout1 = a * in1 + in2 + in3;\n");
  expect_error("train @three.genexpr -i @two.wav --target @in.wav -o @o.genexpr", 1,
               "dgen: error: '@two.wav' has 2 channels, the patch 3 inputs: give it a file of 1 or at least 3 channels");
  patch("stereo.genexpr", "Param a(1);\nout1 = a * in1;\nout2 = in1;\n");
  expect_error("train @stereo.genexpr -i @in.wav --target @in.wav -o @o.genexpr", 1,
               "dgen: error: '@in.wav' has 1 channel, the patch 2 outputs: give it a target of as many channels");
  expect_error("train @gain.genexpr -i @in.wav --target @half.wav -o @none/o.genexpr", 1,
               "dgen: error: cannot write '@none/o.genexpr': No such file or directory");
  EXPECT_FALSE(std::filesystem::exists(folder / "o.genexpr"));
}

}  // namespace

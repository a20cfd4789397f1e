// `dgen render`: files written, channels, lengths, levels, and errors.

#include <cmath>

#include "dgen/audio.h"
#include "tool/dgen_tool.h"

namespace {

class Render : public Tool {
 protected:
  Render() {
    patch("gain.genexpr", "Param gain(0.5, min=0, max=4);\nout1 = in1 * gain;\n");
    patch("count.genexpr", "History n(0);\nout1 = n;\nn = n + 1;\nout2 = 0.25;\n");
    patch("sum.genexpr", "out1 = in1 + 10 * in2;\n");
    patch("split.genexpr", "out1 = in1;\nout2 = -in1;\n");
    dgen::write_audio(folder / "mono.wav", {.sample_rate = 44100, .channels = {ramp(1000, 0.001f)}});
    dgen::write_audio(folder / "stereo.wav", {.sample_rate = 44100, .channels = {ramp(1000, 0.001f), ramp(1000, -0.002f)}});
  }

  static std::vector<float> ramp(int frames, float step) {
    std::vector<float> row;
    for (int n = 0; n < frames; ++n) row.push_back(step * static_cast<float>(n));
    return row;
  }

  /// Runs `dgen render`, which must succeed, and returns what it wrote to @o.wav.
  dgen::AudioBuffer rendered(const std::string& arguments) {
    const auto done = run("render " + arguments + " -o @o.wav");
    EXPECT_EQ(done.exit_code, 0) << done.errors;
    EXPECT_EQ(done.output, "");
    errors = shorten(done.errors);
    return done.exit_code == 0 ? dgen::read_audio(folder / "o.wav") : dgen::AudioBuffer{};
  }

  std::string errors;
};

TEST_F(Render, RunsAtTheInputsRateAndLength) {
  const dgen::AudioBuffer out = rendered("@gain.genexpr -i @mono.wav");
  EXPECT_EQ(out.sample_rate, 44100);
  ASSERT_EQ(out.channels.size(), 1u);
  ASSERT_EQ(out.frames(), 1000);
  for (int n = 0; n < 1000; ++n) ASSERT_EQ(out.channels[0][static_cast<std::size_t>(n)], 0.5f * (0.001f * static_cast<float>(n)));
  EXPECT_EQ(errors.substr(0, errors.find('\n')), "dgen: wrote '@o.wav': 1 channel, 44100 Hz, 0.02268 s, float32");
  EXPECT_NE(errors.find("\ndgen: peak 0.4995 (-6.0 dB), RMS 0.2885 (-10.8 dB), "), std::string::npos) << errors;
  EXPECT_NE(errors.find(" times real time\n"), std::string::npos) << errors;
}

TEST_F(Render, BackendsAgree) {
  EXPECT_EQ(rendered("@count.genexpr --seconds 0.1").channels,
            rendered("@count.genexpr --seconds 0.1 --backend interpreter").channels);
}

TEST_F(Render, BlocksChangeNothing) {
  const auto whole = rendered("@count.genexpr --seconds 0.1").channels;
  for (const char* block : {"1", "7", "64", "100000"})
    EXPECT_EQ(rendered("@count.genexpr --seconds 0.1 --block " + std::string(block)).channels, whole);
}

TEST_F(Render, WithoutAFileSecondsAndRateGiveTheLength) {
  const dgen::AudioBuffer out = rendered("@count.genexpr --seconds 0.01 --rate 8000");
  EXPECT_EQ(out.sample_rate, 8000);
  EXPECT_EQ(out.channels, (std::vector<std::vector<float>>{ramp(80, 1), std::vector<float>(80, 0.25f)}));
}

TEST_F(Render, AMonoPatchRunsOncePerChannel) {
  const dgen::AudioBuffer out = rendered("@gain.genexpr -i @stereo.wav --set gain=1");
  EXPECT_EQ(out.channels, dgen::read_audio(folder / "stereo.wav").channels);
}

TEST_F(Render, OneChannelFeedsEveryInput) {
  const float sample = rendered("@sum.genexpr -i @mono.wav").channels.at(0).at(100);
  EXPECT_NEAR(sample, 11 * 0.1, 1e-5);
}

TEST_F(Render, InputsTakeChannelsInOrder) {
  EXPECT_NEAR(rendered("@sum.genexpr -i @stereo.wav").channels.at(0).at(100), 0.1 - 10 * 0.2, 1e-5);
  EXPECT_NEAR(rendered("@gain.genexpr -i @stereo.wav --channel 2").channels.at(0).at(100), -0.1, 1e-6);
}

TEST_F(Render, ChannelsThatDoNotFitAreExplained) {
  expect_error(
      "render @split.genexpr -i @stereo.wav -o @o.wav", 1,
      "dgen: error: the patch has 1 input and 2 outputs, the input file 2 channels: give it a file of one channel (--channel N "
      "takes channel N of the file)");
  EXPECT_EQ(rendered("@split.genexpr -i @stereo.wav --channel 1").channels.size(), 2u);
  patch("three.genexpr", "out1 = in1 + in2 + in3;\n");
  expect_error(
      "render @three.genexpr -i @stereo.wav -o @o.wav", 1,
      "dgen: error: the patch has 3 inputs and 1 output, the input file 2 channels: give it a file of 1 or at least 3 channels");
  expect_error("render @gain.genexpr -i @stereo.wav --channel 3 -o @o.wav", 1,
               "dgen: error: --channel 3: the input file has 2 channels");
  rendered("@count.genexpr -i @mono.wav");
  EXPECT_EQ(errors.substr(0, errors.find('\n')), "dgen: the patch has no input: the input file gives only rate and length");
  rendered("@gain.genexpr --seconds 0.01");
  EXPECT_EQ(errors.substr(0, errors.find('\n')), "dgen: there is no input file (-i): the patch's inputs are silent");
}

TEST_F(Render, TailAndSecondsChangeTheLength) {
  EXPECT_EQ(rendered("@gain.genexpr -i @mono.wav --tail 0.01").frames(), 1441);
  const dgen::AudioBuffer cut = rendered("@gain.genexpr -i @mono.wav --seconds 0.01 --tail 0.01");
  EXPECT_EQ(cut.frames(), 882);
  EXPECT_NE(cut.channels.at(0).at(440), 0);
  EXPECT_EQ(cut.channels.at(0).at(441), 0);
}

TEST_F(Render, RateConvertsTheInputAndSaysSo) {
  const dgen::AudioBuffer out = rendered("@gain.genexpr -i @mono.wav --rate 22050");
  EXPECT_EQ(out.sample_rate, 22050);
  EXPECT_EQ(out.frames(), 500);
  EXPECT_EQ(errors.substr(0, errors.find('\n')), "dgen: '@mono.wav' is converted from 44100 to 22050 Hz");
}

TEST_F(Render, FloatKeepsWhatIsLoudAndPcmClipsWithAWarning) {
  EXPECT_NEAR(dgen::measure(rendered("@gain.genexpr -i @mono.wav --set gain=4")).peak, 3.996, 1e-5);
  EXPECT_EQ(errors.find("warning"), std::string::npos);
  EXPECT_EQ(dgen::measure(rendered("@gain.genexpr -i @mono.wav --set gain=4 --format pcm16")).peak, 32767.0 / 32768);
  EXPECT_NE(errors.find("dgen: warning: 749 samples outside [-1, 1] clipped; --format float32 keeps them\n"), std::string::npos)
      << errors;
}

TEST_F(Render, WritesFlac) {
  EXPECT_EQ(run("render @gain.genexpr -i @mono.wav -o @o.flac --format flac").exit_code, 0);
  EXPECT_EQ(slurp(folder / "o.flac").substr(0, 4), "fLaC");
  expect_error("render @gain.genexpr -i @mono.wav -o @o.wav --format flac", 2,
               "dgen: error: --format flac writes a .flac file, and '@o.wav' does not end in .flac");
}

TEST_F(Render, ParametersAreCheckedByNameAndRange) {
  expect_error("render @gain.genexpr -i @mono.wav -o @o.wav --set gan=1", 1,
               "dgen: error: the patch has no parameter 'gan' (did you mean 'gain'?); its parameters are gain");
  expect_error("render @count.genexpr --seconds 1 -o @o.wav --set gain=1", 1,
               "dgen: error: the patch has no parameter 'gain'; it has none");
  rendered("@gain.genexpr -i @mono.wav --set gain=9");
  EXPECT_EQ(errors.substr(0, errors.find('\n')), "dgen: warning: gain = 9 is outside its range 0 to 4; 4 is used");
}

TEST_F(Render, FilesThatFailAreNamed) {
  spill(folder / "bad.wav", "no sound");
  expect_error("render @gain.genexpr -i @none.wav -o @o.wav", 1,
               "dgen: error: cannot read '@none.wav': No such file or directory");
  expect_error("render @gain.genexpr -i @bad.wav -o @o.wav", 1,
               "dgen: error: cannot read '@bad.wav' as sound: not a format that is known (WAV, AIFF, FLAC, Ogg …)");
  expect_error("render @gain.genexpr -i @mono.wav -o @no/o.wav", 1,
               "dgen: error: cannot write '@no/o.wav': No such file or directory");
  expect_error("render @gain.genexpr -i @mono.wav -o @o.mp3", 1,
               "dgen: error: cannot write '@o.mp3': the ending '.mp3' is none of .wav, .aif, .aiff, .flac");
  const auto none = run("render @none.genexpr --seconds 1 -o @o.wav");
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_NE(none.errors.find("none.genexpr"), std::string::npos) << none.errors;
  EXPECT_FALSE(std::filesystem::exists(folder / "o.wav"));
}

TEST_F(Render, AFullDiskLeavesOneMessage) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const auto done = run("render @gain.genexpr -i @mono.wav -o /dev/full");
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(done.errors, "dgen: error: cannot write '/dev/full': No space left on device\n");
}

TEST_F(Render, SamplesThatAreNotNumbersAreReported) {
  const float nan = std::nanf("");
  dgen::write_audio(folder / "nan.wav", {.sample_rate = 8000, .channels = {{0, 0, nan, 1, nan}}});
  const auto done = run("render @gain.genexpr -i @nan.wav -o @o.wav");
  EXPECT_EQ(done.exit_code, 1);
  const std::string said = shorten(done.errors);
  EXPECT_EQ(said.substr(0, said.find('\n')),
            "dgen: warning: '@nan.wav' holds 2 samples that are NaN or infinite, first at frame 2 of channel 1");
  EXPECT_NE(
      said.find("dgen: error: the output holds 2 samples that are NaN or infinite, first at frame 2 of channel 1; '@o.wav' was "
                "written as it is\n"),
      std::string::npos)
      << said;
  EXPECT_EQ(dgen::read_audio(folder / "o.wav").frames(), 5);
}

TEST_F(Render, APatchThatDoesNotParseIsOneMessage) {
  patch("bad.genexpr", "out1 = in1 *;\n");
  const auto done = run("render @bad.genexpr -i @mono.wav -o @o.wav");
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(shorten(done.errors).substr(0, 28), "dgen: error: @bad.genexpr:1:");
  EXPECT_EQ(done.output, "");
}

TEST_F(Render, ThreadsChangeNothing) {
  patch("loop.genexpr", "Delay line(100);\ny = in1 + 0.5 * line.read(37);\nline.write(y);\nout1 = y;\n");
  patch("voice.genexpr", "Param freq(440);\nParam gate(0);\nout1 = gate * cycle(freq);\n");
  const auto echoes = rendered("@loop.genexpr -i @stereo.wav --threads 1").channels;
  const std::string notes = "@voice.genexpr --rate 8000 --notes 60:0:0.1,64:0.01:0.1,67:0.03:0.2 --voices 5 --threads ";
  const auto chord = rendered(notes + "1").channels;
  for (const char* threads : {"2", "3", "7"}) {
    EXPECT_EQ(rendered("@loop.genexpr -i @stereo.wav --threads " + std::string(threads)).channels, echoes) << threads;
    EXPECT_EQ(rendered(notes + threads).channels, chord) << threads;
  }
}

TEST_F(Render, NotesPlayVoices) {
  patch("tell.genexpr",
        "Param note(0);\nParam gate(0);\nParam velocity(0);\nParam level(1);\nout1 = gate * note * velocity * level;\n");
  const std::string notes = "60:0:0.01:1,64:0.005:0.01:0.5";
  const dgen::AudioBuffer out = rendered("@tell.genexpr --voices 2 --rate 1000 --tail 0.002 --set level=0.5 --notes " + notes);
  const float both = 30 + 16;
  EXPECT_EQ(out.channels[0], (std::vector<float>{30, 30, 30, 30, 30, both, both, both, both, both, 16, 16, 16, 16, 16, 0, 0}));
  EXPECT_EQ(errors.substr(0, errors.find(':', 6)), "dgen: 2 voices, copies of one voice");
  for (const char* block : {"1", "3"})
    EXPECT_EQ(rendered("@tell.genexpr --voices 2 --rate 1000 --tail 0.002 --set level=0.5 --block " + std::string(block) +
                       " --notes " + notes)
                  .channels,
              out.channels);
}

TEST_F(Render, MidiFilesPlayVoices) {
  patch("tell.genexpr", "Param note(0);\nParam gate(0);\nout1 = gate * note;\n");
  const std::string header("MThd\0\0\0\6\0\0\0\1\0\62", 14), track("MTrk\0\0\0\14\1\x90\74\x7f\2\x80\74\0\1\xff\57\0", 20);
  spill(folder / "song.mid", header + track);  // 50 ticks a quarter note of 0.5 s
  EXPECT_EQ(rendered("@tell.genexpr --rate 100 --midi @song.mid").channels[0], (std::vector<float>{0, 60, 60, 0}));
  spill(folder / "bad.mid", header);
  expect_error("render @tell.genexpr --midi @bad.mid -o @o.wav", 1, "dgen: error: '@bad.mid', byte 14: track 1 of 1 is missing");
}

TEST_F(Render, NotesWithoutLengthLastAFrame) {
  patch("tell.genexpr", "Param note(0);\nParam gate(0);\nout1 = gate * note;\n");
  const std::string header("MThd\0\0\0\6\0\0\0\1\0\62", 14);
  // On and off at tick 1, and again at tick 3; the file ends there.
  spill(folder / "short.mid", header + std::string("MTrk\0\0\0\21\1\x90\74\x7f\0\74\0\2\74\x7f\0\74\0\0\xff\57\0", 25));
  EXPECT_EQ(rendered("@tell.genexpr --rate 100 --midi @short.mid").channels[0], (std::vector<float>{0, 60, 0, 60}));
  EXPECT_EQ(rendered("@tell.genexpr --rate 100 --notes 60:0.01:0.0001,62:0.03:0.001").channels[0],
            (std::vector<float>{0, 60, 0, 62}));
  spill(folder / "held.mid", header + std::string("MTrk\0\0\0\10\1\x90\74\x7f\2\xff\57\0", 16));
  EXPECT_EQ(rendered("@tell.genexpr --rate 100 --midi @held.mid --tail 0.01").channels[0], (std::vector<float>{0, 60, 60, 0}));
  EXPECT_NE(errors.find("dgen: warning: '@held.mid': 1 note has no end: released at the end of the file"), std::string::npos)
      << errors;
  spill(folder / "empty.mid", header + std::string("MTrk\0\0\0\4\0\xff\57\0", 12));
  expect_error("render @tell.genexpr --midi @empty.mid -o @o.wav --backend interpreter --voices 1", 1,
               "dgen: 1 voice, copies of one voice: there is one only\n"
               "dgen: error: the notes last 0 s; --seconds or --tail give a length");
}

TEST_F(Render, MoreEventsThanMayWaitKeepTheirFrames) {
  patch("tell.genexpr", "Param note(0);\nParam gate(0);\nout1 = gate * note;\n");
  std::string events = "\1\x90\5\x7f";
  for (int k = 6; k < 3000; ++k) {  // a tick later another note begins and the last one ends
    for (const int byte : {1, k % 100, 127, 0, (k - 1) % 100, 0}) events += static_cast<char>(byte);
  }
  events += std::string("\1\x63\0\0\xff\57\0", 7);
  const auto size = static_cast<int>(events.size());
  std::string track = std::string("MTrk\0\0", 6) + static_cast<char>(size >> 8) + static_cast<char>(size & 255) + events;
  spill(folder / "dense.mid", std::string("MThd\0\0\0\6\0\0\0\1\0\62", 14) + track);
  const std::string dense = "@tell.genexpr --rate 100 --voices 3 --midi @dense.mid --block ";
  const auto all = rendered(dense + "100000").channels;
  EXPECT_EQ(all, rendered(dense + "64").channels);
  EXPECT_EQ(all[0].size(), 3000u - 5 + 1);
}

TEST_F(Render, NotesThatMakeNoSenseAreErrors) {
  patch("tell.genexpr", "Param note(0);\nParam gate(0);\nout1 = gate * note;\n");
  expect_error("render @tell.genexpr --voices 2 -o @o.wav", 2,
               "dgen: error: --voices plays notes: give --midi FILE or --notes NOTES");
  expect_error("render @tell.genexpr --notes 60:0:1 --midi @song.mid -o @o.wav", 2,
               "dgen: error: --midi and --notes both say what is played: give one");
  for (const char* bad :
       {"60", "60:0", "128:0:1", "60.5:0:1", "60:-1:1", "60:0:0", "60:0:1:2", "60:0:1:1:1", "60:0:1,", "a:0:1"}) {
    const auto done = run("render @tell.genexpr -o @o.wav --notes " + std::string(bad));
    EXPECT_EQ(done.exit_code, 2) << bad;
    EXPECT_NE(done.errors.find("--notes takes NOTE:START:DURATION"), std::string::npos) << done.errors;
  }
  const auto set = run("render @tell.genexpr --notes 60:0:1 --set gate=1 -o @o.wav");
  EXPECT_EQ(set.exit_code, 1);
  EXPECT_NE(set.errors.find("dgen: error: voices: 'gate' is set by notes, for each voice"), std::string::npos) << set.errors;
}

TEST_F(Render, RealSpeechGoesThroughAFeedbackEcho) {
  const std::string speech = "/usr/share/sounds/alsa/Front_Center.wav";
  if (!std::filesystem::exists(speech)) GTEST_SKIP() << "alsa-utils is not installed";
  patch("echo.genexpr",
        "Param feedback(0.5, min=0, max=0.95);\nDelay line(48000);\ny = in1 + feedback * line.read(12000);\nline.write(y);\nout1 "
        "= y;\n");
  const dgen::AudioBuffer in = dgen::read_audio(speech);
  const dgen::AudioBuffer out = rendered("@echo.genexpr -i " + speech + " --tail 1");
  ASSERT_EQ(out.frames(), in.frames() + 48000);
  for (std::size_t n = 0; n < 12000; ++n) ASSERT_EQ(out.channels[0][n], in.channels[0][n]);
  for (std::size_t n = 12000; n < 24000; ++n)
    ASSERT_NEAR(out.channels[0][n], in.channels[0][n] + 0.5f * in.channels[0][n - 12000], 1e-6);
}

}  // namespace

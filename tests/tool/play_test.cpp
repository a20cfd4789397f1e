// `dgen play`: on ALSA's null device, and where there is none.

#include "dgen/audio.h"
#include "tool/dgen_tool.h"

namespace {

class Play : public Tool {
 protected:
  Play() {
    patch("gain.genexpr", "out1 = in1 * 0.5;\n");
    dgen::write_audio(folder / "mono.wav", {.sample_rate = 44100, .channels = {std::vector<float>(4410)}});
  }
  ~Play() override { unsetenv("ALSA_CONFIG_PATH"); }

  /// ALSA has what `text` says, and no card of the machine.
  void configure_alsa(const std::string& text) {
    spill(folder / "asound.conf", text);
    setenv("ALSA_CONFIG_PATH", (folder / "asound.conf").c_str(), 1);
  }
  /// A machine may have JACK or be built without PortAudio: only ALSA's devices are certain.
  bool has_null_device() {
    configure_alsa("pcm.!default { type null }\nctl.!default { type null }\n");
    return run("play --list").output.find("default  [ALSA") != std::string::npos;
  }
};

TEST_F(Play, PlaysAFileToItsEnd) {
  if (!has_null_device()) GTEST_SKIP() << "no ALSA in this build";
  const auto done = run("play @gain.genexpr -i @mono.wav --tail 0.1 --device default");
  EXPECT_EQ(done.exit_code, 0) << done.errors;
  EXPECT_EQ(done.errors.substr(0, done.errors.find("s, ")), "dgen: playing on 'default', 1 channel, 44100 Hz\ndgen: played 0.2 ")
      << done.errors;
}

TEST_F(Play, PlaysForSomeSeconds) {
  if (!has_null_device()) GTEST_SKIP() << "no ALSA in this build";
  patch("tone.genexpr", "History n(0);\nout1 = n;\nout2 = n;\nn = 1 - n;\n");
  const auto done = run("play @tone.genexpr --seconds 0.1 --rate 48000 --block 64");
  EXPECT_EQ(done.exit_code, 0) << done.errors;
  EXPECT_NE(done.errors.find("'default', 2 channels, 48000 Hz\n"), std::string::npos) << done.errors;
}

TEST_F(Play, AnUnknownDeviceIsNamedWithThoseThatAre) {
  if (!has_null_device()) GTEST_SKIP() << "no ALSA in this build";
  const auto done = run("play @gain.genexpr -i @mono.wav --device harmonium");
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(done.errors.substr(0, done.errors.find("; there are")), "dgen: error: there is no audio device 'harmonium'")
      << done.errors;
}

TEST_F(Play, NoDeviceIsOneClearMessage) {
  configure_alsa("pcm.nothing { type hw card 99 }\n");
  const auto done = run("play @gain.genexpr -i @mono.wav");
  if (done.exit_code == 0) GTEST_SKIP() << "this machine has another audio system";
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_TRUE(done.errors == "dgen: error: there is no audio device on this machine that plays\n" ||
              done.errors ==
                  "dgen: error: this build of dgen has no audio devices: it was configured without PortAudio (DGEN_DEVICES)\n")
      << done.errors;
}

}  // namespace

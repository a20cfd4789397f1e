// Sound files: round trips, formats, and what happens to a file that cannot be read or written.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <thread>

#include "dgen/audio.h"
#include "dgen/error.h"
#include "support/temporary_folder.h"

namespace {

using dgen::AudioBuffer;
using dgen::ErrorCode;
using dgen::SampleFormat;

/// Two channels of 1000 frames, white in [-1, 1), every sample exact in 16 bits.
AudioBuffer noise() {
  AudioBuffer audio{.sample_rate = 44100, .channels = {{}, {}}};
  std::mt19937 random(7);
  for (auto& channel : audio.channels) {
    for (int n = 0; n < 1000; ++n) channel.push_back(static_cast<float>(static_cast<int>(random() % 65536) - 32768) / 32768.0f);
  }
  return audio;
}

/// Runs `act`, which must throw an Error of that code, and returns its text.
template <class Act>
std::string text_of(ErrorCode code, Act act) {
  try {
    act();
  } catch (const dgen::Error& e) {
    EXPECT_EQ(dgen::code_name(e.code()), dgen::code_name(code)) << e.what();
    return e.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

struct Case {
  std::string name;
  SampleFormat format;
};

class EveryFormat : public testing::TestWithParam<Case> {};

TEST_P(EveryFormat, KeepsSixteenBitSamplesExactly) {
  const TemporaryFolder folder;
  const AudioBuffer audio = noise();
  const dgen::WriteReport report = dgen::write_audio(folder / GetParam().name, audio, GetParam().format);
  EXPECT_EQ(report.clipped, 0);
  const AudioBuffer read = dgen::read_audio(folder / GetParam().name);
  EXPECT_EQ(read.sample_rate, 44100);
  EXPECT_EQ(read.channels, audio.channels);
  EXPECT_EQ(folder.files(), 1);
}

INSTANTIATE_TEST_SUITE_P(SoundFile, EveryFormat,
                         testing::Values(Case{"a.wav", SampleFormat::automatic}, Case{"a.wav", SampleFormat::float32},
                                         Case{"a.WAV", SampleFormat::pcm16}, Case{"a.wav", SampleFormat::pcm24},
                                         Case{"plain", SampleFormat::automatic}, Case{"a.flac", SampleFormat::automatic},
                                         Case{"a.flac", SampleFormat::pcm16}, Case{"a.aif", SampleFormat::automatic},
                                         Case{"a.aiff", SampleFormat::pcm16}, Case{"a.aiff", SampleFormat::pcm24}));

TEST(SoundFile, FloatsAreNeitherClippedNorNormalised) {
  const TemporaryFolder folder;
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const AudioBuffer audio{.sample_rate = 48000, .channels = {{0.0f, 1e-30f, -3.5f, 1e10f, inf, nan}}};
  EXPECT_EQ(dgen::write_audio(folder / "a.wav", audio).clipped, 0);
  const std::vector<float> read = dgen::read_audio(folder / "a.wav").channels.at(0);
  ASSERT_EQ(read.size(), 6u);
  for (std::size_t n = 0; n < 5; ++n) EXPECT_EQ(read[n], audio.channels[0][n]);
  EXPECT_TRUE(std::isnan(read[5]));
}

TEST(SoundFile, PcmClipsAndCounts) {
  const TemporaryFolder folder;
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const AudioBuffer audio{.sample_rate = 48000, .channels = {{1.0f, 1.5f, -1.0f, -2.0f, inf, nan, 0.25f}}};
  const dgen::WriteReport report = dgen::write_audio(folder / "a.wav", audio, SampleFormat::pcm16);
  EXPECT_EQ(report.clipped, 3);
  EXPECT_EQ(report.not_finite, 2);
  const float top = 32767.0f / 32768.0f;
  EXPECT_EQ(dgen::read_audio(folder / "a.wav").channels.at(0), (std::vector<float>{top, top, -1, -1, top, 0, 0.25f}));
}

TEST(SoundFile, EqualAudioGivesEqualBytes) {
  const TemporaryFolder folder;
  const std::vector<std::string> endings{".wav", ".aiff", ".flac"};
  for (const std::string& ending : endings) dgen::write_audio(folder / ("a" + ending), noise());
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // a time stamp would show
  for (const std::string& ending : endings) {
    dgen::write_audio(folder / ("b" + ending), noise());
    EXPECT_EQ(slurp(folder / ("a" + ending)), slurp(folder / ("b" + ending))) << ending;
  }
}

TEST(SoundFile, HoldsNoFrames) {
  const TemporaryFolder folder;
  dgen::write_audio(folder / "a.wav", {.sample_rate = 8000, .channels = {{}, {}}});
  const AudioBuffer read = dgen::read_audio(folder / "a.wav");
  EXPECT_EQ(read.channels.size(), 2u);
  EXPECT_EQ(read.frames(), 0);
}

TEST(SoundFile, ReadsRealSpeech) {
  const std::string path = "/usr/share/sounds/alsa/Front_Center.wav";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "alsa-utils is not installed";
  const AudioBuffer audio = dgen::read_audio(path);
  EXPECT_EQ(audio.channels.size(), 1u);
  EXPECT_EQ(audio.sample_rate, 48000);
  EXPECT_GT(audio.frames(), 48000);
  const dgen::AudioLevels levels = dgen::measure(audio);
  EXPECT_GT(levels.peak, 0.1);
  EXPECT_LE(levels.peak, 1);
  EXPECT_EQ(levels.not_finite, 0);
}

TEST(SoundFileErrors, SayWhatIsWrongWithTheFile) {
  const TemporaryFolder folder;
  const auto read = [](const std::string& path) { return [path] { dgen::read_audio(path); }; };
  const std::string none = folder / "none.wav", empty = folder / "empty.wav", text = folder / "text.wav";
  spill(empty, "");
  spill(text, "This is no sound.\n");
  EXPECT_EQ(text_of(ErrorCode::file_unreadable, read(none)), "cannot read '" + none + "': No such file or directory");
  EXPECT_EQ(text_of(ErrorCode::file_unreadable, read(folder / "")), "cannot read '" + (folder / "") + "': it is a directory");
  EXPECT_EQ(text_of(ErrorCode::file_unreadable, read("/dev/null")), "cannot read '/dev/null': it is a device, not a file");
  EXPECT_EQ(text_of(ErrorCode::file_malformed, read(empty)), "cannot read '" + empty + "' as sound: it is empty");
  EXPECT_EQ(text_of(ErrorCode::file_malformed, read(text)),
            "cannot read '" + text + "' as sound: not a format that is known (WAV, AIFF, FLAC, Ogg …)");
}

TEST(SoundFileErrors, AFileThatIsCutOffIsRefused) {
  const TemporaryFolder folder;
  for (const std::string ending : {".wav", ".aiff", ".flac"}) {
    const std::string whole = folder / ("whole" + ending), cut = folder / ("cut" + ending);
    AudioBuffer audio = noise();
    for (auto& channel : audio.channels) channel.resize(50000);
    dgen::write_audio(whole, audio, SampleFormat::pcm16);
    const std::string bytes = slurp(whole);
    spill(cut, bytes.substr(0, bytes.size() * 2 / 3));
    const std::string said = text_of(ErrorCode::file_malformed, [&] { dgen::read_audio(cut); });
    EXPECT_NE(said.find(cut), std::string::npos) << said;
  }
}

TEST(SoundFile, ALengthLeftOpenByAPipeIsAccepted) {
  const TemporaryFolder folder;
  const AudioBuffer audio = noise();
  dgen::write_audio(folder / "a.wav", audio, SampleFormat::pcm16);
  std::string bytes = slurp(folder / "a.wav");
  const std::size_t data = bytes.find("data");
  bytes.replace(data + 4, 4, "\xff\xff\xff\xff");
  bytes.replace(4, 4, "\xff\xff\xff\xff");
  spill(folder / "a.wav", bytes);
  EXPECT_EQ(dgen::read_audio(folder / "a.wav").channels, audio.channels);
}

TEST(SoundFile, ReadsAPipeToItsEnd) {
  const TemporaryFolder folder;
  const std::string fifo = folder / "pipe";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  dgen::write_audio(folder / "a.wav", noise());
  const std::string bytes = slurp(folder / "a.wav");
  std::thread writer([&] { spill(fifo, bytes); });
  EXPECT_EQ(dgen::read_audio(fifo).channels, noise().channels);
  writer.join();
}

TEST(SoundFileErrors, WhatCannotBeWrittenSaysWhy) {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& path, SampleFormat format = SampleFormat::automatic) {
    EXPECT_THROW(dgen::check_writable(path, format), dgen::Error) << path;
    return [path, format] { dgen::write_audio(path, noise(), format); };
  };
  const std::string absent = folder / "no/such/a.wav", mp3 = folder / "a.mp3", flac = folder / "a.flac", directory = folder / "d";
  std::filesystem::create_directory(directory);
  EXPECT_EQ(text_of(ErrorCode::file_unwritable, write(absent)), "cannot write '" + absent + "': No such file or directory");
  EXPECT_EQ(text_of(ErrorCode::file_unwritable, write(directory)), "cannot write '" + directory + "': it is a directory");
  EXPECT_EQ(text_of(ErrorCode::bad_value, write(mp3)),
            "cannot write '" + mp3 + "': the ending '.mp3' is none of .wav, .aif, .aiff, .flac");
  EXPECT_EQ(text_of(ErrorCode::bad_value, write(flac, SampleFormat::float32)),
            "cannot write '" + flac + "': FLAC holds no float32; use pcm16 or pcm24, or a .wav file");
  EXPECT_EQ(
      text_of(ErrorCode::bad_value, [&] { dgen::write_audio(folder / "a.wav", {.sample_rate = 48000.5, .channels = {{0}}}); }),
      "cannot write '" + (folder / "a.wav") + "': a file's rate is a whole number of Hz in 1 to 10000000, not 48000.500000");
  EXPECT_EQ(text_of(ErrorCode::bad_value,
                    [&] {
                      dgen::write_audio(folder / "a.wav", {.channels = {{0}, {0, 0}}});
                    }),
            "cannot write '" + (folder / "a.wav") + "': its channels differ in length");
  EXPECT_EQ(folder.files(), 1);  // the directory, and nothing else
}

TEST(SoundFileErrors, AFullDiskIsReported) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  EXPECT_EQ(text_of(ErrorCode::file_unwritable, [] { dgen::write_audio("/dev/full", noise()); }),
            "cannot write '/dev/full': No space left on device");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(SoundFile, AFailureLeavesTheOldFile) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.wav";
  dgen::write_audio(path, noise());
  const std::string before = slurp(path);
  text_of(ErrorCode::bad_value, [&] { dgen::write_audio(path, {.sample_rate = 0, .channels = {{0}}}); });
  // A folder in the place of the temporary file stops the write half way.
  std::filesystem::create_directory(path + "." + std::to_string(getpid()) + ".tmp");
  text_of(ErrorCode::file_unwritable, [&] { dgen::write_audio(path, {.channels = {{0}}}); });
  EXPECT_EQ(slurp(path), before);
}

TEST(SoundFile, ReplacesTheTargetOfALinkAndKeepsItsPermissions) {
  const TemporaryFolder folder;
  const std::string file = folder / "a.wav", link = folder / "link.wav";
  spill(file, "old");
  std::filesystem::permissions(file, std::filesystem::perms(0640));
  std::filesystem::create_symlink("a.wav", link);
  dgen::write_audio(link, noise());
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(dgen::read_audio(file).channels, noise().channels);
  EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms(0640));
  EXPECT_EQ(folder.files(), 2);
}

/// A damaged copy: bytes changed, cut out or repeated, most of them in the header.
std::string mutated(std::string bytes, unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random()) % limit; };
  for (std::size_t k = 0; k <= below(6); ++k) {
    const std::size_t at = below(random() % 4 ? std::min<std::size_t>(64, bytes.size()) : bytes.size());
    switch (random() % 5) {
      case 0: bytes[at] = static_cast<char>(random()); break;
      case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8))); break;
      case 2:
        bytes.replace(at, std::min<std::size_t>(4, bytes.size() - at), random() % 2 ? "\xff\xff\xff\x7f" : std::string(4, '\0'));
        break;
      case 3: bytes.resize(at + 1); break;
      case 4: bytes.insert(at, bytes.substr(at, below(32))); break;
    }
  }
  return bytes;
}

TEST(SoundFileErrors, TwoHundredMutatedFilesGiveErrorsOrSound) {
  const TemporaryFolder folder;
  const std::string path = folder / "mutated.wav";
  std::vector<std::string> good;
  for (const SampleFormat format : {SampleFormat::float32, SampleFormat::pcm16, SampleFormat::pcm24}) {
    dgen::write_audio(folder / "good.wav", noise(), format);
    good.push_back(slurp(folder / "good.wav"));
  }
  int refused = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    spill(path, mutated(good[seed % 3], seed));
    SCOPED_TRACE("seed " + std::to_string(seed));
    try {
      const AudioBuffer audio = dgen::read_audio(path);
      for (const auto& channel : audio.channels) EXPECT_EQ(static_cast<std::int64_t>(channel.size()), audio.frames());
      EXPECT_GE(audio.sample_rate, 1);
    } catch (const dgen::Error& e) {
      EXPECT_EQ(dgen::code_name(e.code()), "file-malformed") << e.what();
      EXPECT_NE(std::string(e.what()).find(path), std::string::npos) << e.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, 50);
}

}  // namespace

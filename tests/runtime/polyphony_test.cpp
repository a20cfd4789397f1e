#include "dgen/polyphony.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>

#include "dgen/error.h"
#include "dgen/patch.h"
#include "support/expect_error.h"

namespace dgen {
namespace {

constexpr std::int64_t frames = 6000;
constexpr double rate = 48000;

/// An oscillator through a filter and an envelope whose attack differs from its release, which no scan takes.
constexpr const char* saturated = R"(
Param freq(440, min=1, max=20000);
Param gate(0);
Param velocity(0.5);
Param cutoff(1200, min=20, max=10000);
Param drive(2);
History level(0);
level = level + (gate > level ? 0.01 : 0.001) * (gate - level);
saw = 2 * phasor(freq) - 1;
low = svf_lowpass(saw, cutoff + freq, 0.8);
out1 = velocity * level * tanh(drive * low);
)";

struct Played {
  double from, to;  ///< frames of note on and off
  int note;
  double velocity;
};

/// Four notes that overlap, on as many voices.
const std::vector<Played> chord{{0, 3000, 60, 0.9}, {129, 5000, 64, 0.4}, {1000, 1001, 67, 1}, {2047, 4096, 72, 0.25}};

std::vector<float> play(const VoiceProgram& program, const std::vector<Played>& notes, std::int64_t block) {
  Polyphony player(program, rate);
  for (const Played& note : notes) {
    EXPECT_TRUE(player.note_on(note.note, note.velocity, static_cast<std::int64_t>(note.from)));
    EXPECT_TRUE(player.note_off(note.note, static_cast<std::int64_t>(note.to)));
  }
  std::vector<float> out(frames);
  for (std::int64_t at = 0; at < frames; at += block) {
    float* const channel = out.data() + at;
    player.process(nullptr, &channel, std::min(block, frames - at));
  }
  return out;
}

/// One note, on an instance of the patch.
void add_single(const Program& program, const Played& note, std::vector<float>& sum) {
  Instance one(program, rate);
  std::vector<float> out(frames);
  const auto run = [&](double from, double to) {
    float* const channel = out.data() + static_cast<std::int64_t>(from);
    one.process(nullptr, &channel, static_cast<std::int64_t>(to - from));
  };
  run(0, note.from);
  one.set("freq", 440 * std::exp2((note.note - 69) / 12.0));
  one.set("gate", 1);
  one.set("velocity", note.velocity);
  run(note.from, note.to);
  one.set("gate", 0);
  run(note.to, frames);
  for (std::size_t n = 0; n < sum.size(); ++n) sum[n] += out[n];
}

/// The sum of the notes, each by itself. Voices that play no note are silent: their gate stays down.
std::vector<float> singles(const Graph& patch, const std::vector<Played>& notes) {
  const Program program = compile(patch);
  std::vector<float> sum(frames);
  for (const Played& note : notes) add_single(program, note, sum);
  return sum;
}

void expect_near(const std::vector<float>& actual, const std::vector<float>& expected, float tolerance) {
  float loudest = 0;
  for (std::size_t n = 0; n < expected.size(); ++n) {
    loudest = std::max(loudest, std::fabs(expected[n]));
    ASSERT_NEAR(actual[n], expected[n], tolerance) << "at frame " << n;
  }
  EXPECT_GT(loudest, 0.1f);
}

class Layouts : public testing::TestWithParam<VoiceLayout> {};
INSTANTIATE_TEST_SUITE_P(Polyphony, Layouts, testing::Values(VoiceLayout::lanes, VoiceLayout::copies),
                         [](const auto& layout) { return layout.param == VoiceLayout::lanes ? "lanes" : "copies"; });

TEST_P(Layouts, SumNotesThatPlayAlone) {
  Graph patch;
  parse_patch(patch, saturated);
  expect_near(play(compile_voices(patch, 4, GetParam()), chord, 512), singles(patch, chord), 1e-5f);
}

TEST_P(Layouts, GiveTheSameBitsInAnyBlocks) {
  Graph patch;
  parse_patch(patch, saturated);
  const VoiceProgram program = compile_voices(patch, 3, GetParam());
  const std::vector<float> whole = play(program, chord, frames);
  for (const std::int64_t block : {1, 7, 64, 300}) EXPECT_EQ(play(program, chord, block), whole) << "in blocks of " << block;
}

TEST_P(Layouts, StayInTuneOverAMinute) {
  Graph patch;
  parse_patch(patch, "Param freq(440);\nParam gate(0);\nout1 = gate * phasor(freq);\n");
  Polyphony player(compile_voices(patch, 3, GetParam()), rate);
  player.note_on(69, 1);  // 440 Hz
  constexpr std::int64_t minute = 60 * 48000;
  std::vector<float> out(minute);
  float* const channel = out.data();
  player.process(nullptr, &channel, minute);
  for (const std::int64_t n : {std::int64_t{17}, minute / 2 + 5, minute - 2})
    EXPECT_NEAR(out[static_cast<std::size_t>(n)], static_cast<double>((n + 1) * 440 % 48000) / 48000, 1e-6) << "at frame " << n;
}

/// What notes tell the voices: pitch where the gate is up.
std::vector<float> told(int voices, VoiceLayout layout, std::int64_t count, const std::function<void(Polyphony&)>& play_notes,
                        const char* what = "gate * note") {
  Graph patch;
  parse_patch(patch, "Param note(0);\nParam gate(0);\nParam velocity(0);\nout1 = " + std::string(what) + ";\n");
  Polyphony player(compile_voices(patch, voices, layout), rate);
  play_notes(player);
  std::vector<float> out(static_cast<std::size_t>(count));
  float* const channel = out.data();
  player.process(nullptr, &channel, count);
  return out;
}

TEST_P(Layouts, StealTheOldestWithTheGateDownForAFrame) {
  const std::vector<float> out = told(1, GetParam(), 8, [](Polyphony& player) {
    player.note_on(60, 1, 2);
    player.note_on(62, 1, 5);
    player.note_off(60, 6);  // of a note that was stolen: nothing
  });
  EXPECT_EQ(out, (std::vector<float>{0, 0, 60, 60, 60, 0, 62, 62}));
}

TEST_P(Layouts, PlayNotesOfOneFrameOnVoicesThatSound) {
  const std::vector<float> out = told(1, GetParam(), 8, [](Polyphony& player) {
    player.note_on(60, 1, 0);
    player.note_on(62, 1, 2);  // its gate may go up at 3, when its key is up again
    player.note_off(62, 3);
    player.note_on(64, 1, 6);
  });
  EXPECT_EQ(out, (std::vector<float>{60, 60, 0, 62, 0, 0, 64, 64}));
}

TEST_P(Layouts, TakeMoreEventsOfOneFrameThanMayWait) {
  const std::vector<float> out = told(1, GetParam(), 4, [](Polyphony& player) {
    for (int k = 0; k < 4096; ++k) ASSERT_TRUE(player.pitch_bend(12));
    ASSERT_FALSE(player.note_on(60, 1));
    player.process(nullptr, nullptr, 0);
    ASSERT_TRUE(player.note_on(60, 1));
  });
  EXPECT_EQ(out, (std::vector<float>{72, 72, 72, 72}));
}

TEST_P(Layouts, EndANoteWhereTheNextBegins) {
  const std::vector<float> out = told(1, GetParam(), 6, [](Polyphony& player) {
    player.note_on(60, 1, 0);
    player.note_off(60, 2);
    player.note_on(62, 1, 2);
    player.note_off(62, 5);
  });
  EXPECT_EQ(out, (std::vector<float>{60, 60, 0, 62, 62, 0}));
}

TEST_P(Layouts, TellEqualNotesVelocityAndBendApart) {
  const auto play_notes = [](Polyphony& player) {
    player.note_on(60, 0.25, 0, 0);
    player.note_on(60, 0.5, 1, 1);
    player.pitch_bend(2, 2, 1);
    player.note_off(60, 3, 0);
    player.pitch_bend(0.5, 4, 1);
    player.all_notes_off(5);
  };
  EXPECT_EQ(told(2, GetParam(), 6, play_notes), (std::vector<float>{60, 120, 122, 62, 60.5f, 0}));
  EXPECT_EQ(told(2, GetParam(), 6, play_notes, "gate * velocity"), (std::vector<float>{0.25f, 0.75f, 0.75f, 0.5f, 0.5f, 0}));
}

TEST_P(Layouts, HoldNotesWhileThePedalIsDown) {
  const std::vector<float> out = told(3, GetParam(), 7, [](Polyphony& player) {
    player.sustain(true, 1);
    player.note_on(60, 1, 0);
    player.note_on(10, 1, 2);
    player.note_off(60, 3);
    player.note_on(60, 1, 4);
    player.sustain(false, 5);
    player.note_off(10, 6);
  });
  EXPECT_EQ(out, (std::vector<float>{60, 60, 70, 70, 130, 70, 60}));
}

TEST_P(Layouts, PlayEventsOfLaterCallsAndForgetThemOnReset) {
  Graph patch;
  parse_patch(patch, "Param note(0);\nParam gate(0);\nParam level(1);\nout1 = gate * note * level;\n");
  Polyphony player(compile_voices(patch, 2, GetParam()), rate);
  player.set("level", 0.5);
  const auto next = [&player] {
    std::vector<float> out(4);
    float* const channel = out.data();
    player.process(nullptr, &channel, 4);
    return out;
  };
  player.note_on(60, 1, 6);
  EXPECT_EQ(next(), (std::vector<float>{0, 0, 0, 0}));
  EXPECT_EQ(next(), (std::vector<float>{0, 0, 30, 30}));
  EXPECT_EQ(player.sounding(), 1);
  player.note_on(62, 1, 2);
  player.reset();
  EXPECT_EQ(player.sounding(), 0);
  EXPECT_EQ(next(), (std::vector<float>{0, 0, 0, 0}));
  EXPECT_EQ(player.get("level"), 0.5);
}

TEST(Polyphony, HearsInputsInEveryVoiceAndWritesOverThem) {
  Graph patch;
  parse_patch(patch, "Param note(0);\nParam gate(0);\nout1 = gate * in1;\nout2 = 3;\n");
  for (const VoiceLayout layout : {VoiceLayout::lanes, VoiceLayout::copies}) {
    Polyphony player(compile_voices(patch, 2, layout), rate);
    player.note_on(60, 1, 1);
    player.note_on(61, 1, 2);
    std::vector<float> channel{5, 6, 7}, three(3);
    const float* const in = channel.data();
    const std::array<float*, 2> out{channel.data(), three.data()};
    player.process(&in, out.data(), 3);
    EXPECT_EQ(channel, (std::vector<float>{0, 6, 14}));
    EXPECT_EQ(three, (std::vector<float>{6, 6, 6}));
  }
}

TEST(Polyphony, RunsAtEveryWidthAndInTheInterpreter) {
  Graph patch;
  parse_patch(patch, saturated);
  const std::vector<float> expected = singles(patch, chord);
  for (const auto& [width, voices] : {std::pair(4, 5), std::pair(8, 4), std::pair(16, 19)}) {
    const CompileOptions options{.vector_width = width};
    expect_near(play(compile_voices(patch, voices, VoiceLayout::lanes, options), chord, 512), expected, 1e-5f);
  }
  const CompileOptions exact{.backend = Backend::interpreter};
  expect_near(play(compile_voices(patch, 4, VoiceLayout::lanes, exact), chord, 512), expected, 1e-5f);
}

TEST(Polyphony, ReadsTablesAndDelaysInLanes) {
  Graph patch;
  parse_patch(patch, R"(
Param freq(440);
Param gate(0);
Param velocity(1);
Data wave(64);
History before(0);
History level(0);
level = level + (gate > level ? 0.01 : 0.001) * (gate - level);
x = level * (sample(wave, phasor(freq)) + cycle(2 * freq));
out1 = x - before + delay(x, 100);
before = tanh(x);
)");
  const VoiceProgram program = compile_voices(patch, 4, VoiceLayout::lanes);
  expect_near(play(program, chord, 512), singles(patch, chord), 2e-5f);
}

TEST(Polyphony, NeedsNoMoreTextForMoreVoices) {
  Graph patch;
  parse_patch(patch, saturated);
  const auto length = [&](int voices) {
    return static_cast<double>(compile_voices(patch, voices, VoiceLayout::lanes).program.source().size());
  };
  EXPECT_LT(length(512), 1.1 * length(64));  // numbers have more digits
}

TEST(Polyphony, ChoosesByWhatAVoiceDoes) {
  Graph nonlinear, oscillator, delays;
  parse_patch(nonlinear, saturated);
  parse_patch(oscillator, "Param freq(440);\nParam gate(0);\nout1 = gate * sin(twopi * phasor(freq));\n");
  parse_patch(delays, R"(
Param freq(440);
Param gate(0);
Delay string(4800);
History bent(0);
bent = tanh(bent + gate);
y = bent + 0.9 * string.read(samplerate / freq);
string.write(y);
out1 = y;
)");
  EXPECT_EQ(compile_voices(nonlinear, 4).layout, VoiceLayout::lanes);
  EXPECT_EQ(compile_voices(oscillator, 4).layout, VoiceLayout::copies);
  const VoiceProgram strings = compile_voices(delays, 4);
  EXPECT_EQ(strings.layout, VoiceLayout::copies);
  EXPECT_NE(strings.why.find("a delay line that feeds back"), std::string::npos) << strings.why;
  expect_error(ErrorCode::bad_type, "delay line", [&] { compile_voices(delays, 4, VoiceLayout::lanes); });
}

TEST(Polyphony, RefusesPatchesThatNotesCannotPlay) {
  const auto compile_patch = [](const char* text, int voices = 2) {
    Graph patch;
    parse_patch(patch, text);
    compile_voices(patch, voices);
  };
  expect_error(ErrorCode::unknown_name, "no parameter 'gate'", [&] { compile_patch("Param freq(440);\nout1 = freq;"); });
  expect_error(ErrorCode::unknown_name, "it has gate, pitch",
               [&] { compile_patch("Param gate(0);\nParam pitch(1);\nout1 = pitch;"); });
  expect_error(ErrorCode::bad_value, "the range of 'gate'",
               [&] { compile_patch("Param freq(440);\nParam gate(0, min=0, max=0.5);\nout1 = gate;"); });
  const char* const plain = "Param freq(440);\nParam gate(0);\nParam level(1);\nout1 = gate * level;";
  expect_error(ErrorCode::bad_value, "0 voices", [&] { compile_patch(plain, 0); });
  Graph patch;
  parse_patch(patch, plain);
  Polyphony player(compile_voices(patch, 2), rate);
  expect_error(ErrorCode::bad_value, "'gate' is set by notes", [&] { player.set("gate", 1); });
  expect_error(ErrorCode::unknown_name, "levle", [&] { player.set("levle", 1); });
  EXPECT_FALSE(player.note_on(60, 1, -1));
  EXPECT_FALSE(player.note_on(60, 1, 0, 16));
  EXPECT_FALSE(player.note_on(60, std::nan("")));
  EXPECT_FALSE(player.all_notes_off(0, -2));
}

}  // namespace
}  // namespace dgen

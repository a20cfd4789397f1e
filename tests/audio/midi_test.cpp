// Standard MIDI Files: times, notes and controllers as the format says, and no crash on bytes that are none.

#include "dgen/midi.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace dgen {
namespace {

using Kind = NoteEvent::Kind;

std::string bytes(std::initializer_list<int> numbers) {
  std::string made;
  for (const int number : numbers) made += static_cast<char>(number);
  return made;
}

std::string long_number(std::size_t n) {
  return bytes(
      {static_cast<int>(n >> 24), static_cast<int>(n >> 16 & 255), static_cast<int>(n >> 8 & 255), static_cast<int>(n & 255)});
}

const std::string track_end = bytes({0x00, 0xFF, 0x2F, 0x00});

std::string track(const std::string& events) { return "MTrk" + long_number(events.size()) + events; }

std::string file(int format, int division, std::initializer_list<std::string> tracks) {
  std::string made =
      "MThd" + long_number(6) + bytes({0, format, 0, static_cast<int>(tracks.size()), division >> 8 & 255, division & 255});
  for (const std::string& one : tracks) made += one;
  return made;
}

MidiSong parse(const std::string& text) { return parse_midi(text, "song.mid"); }

/// "seconds kind note channel value" of every event.
std::string told(const MidiSong& song) {
  std::string text;
  for (const TimedNote& note : song.notes) {
    char line[100];
    const NoteEvent& e = note.event;
    std::snprintf(line, sizeof line, "%.4f:%d:%d:%d:%.4g ", note.seconds, static_cast<int>(e.kind), e.note, e.channel, e.value);
    text += line;
  }
  return text;
}

TEST(Midi, ReadsNotesWithRunningStatusAndVelocityZeroForOff) {
  const std::string events = bytes({0, 0x90, 60, 127, 48, 64, 127, 48, 60, 0, 0x83, 0x00, 0x81, 64, 0});
  const MidiSong song = parse(file(0, 96, {track(events + bytes({96}) + track_end.substr(1))}));
  EXPECT_EQ(told(song), "0.0000:0:60:0:1 0.2500:0:64:0:1 0.5000:1:60:0:0 2.5000:1:64:1:0 3.0000:1:64:0:0 ");
  EXPECT_DOUBLE_EQ(song.seconds, 3);
}

TEST(Midi, MergesTracksByTheTempoMap) {
  const std::string tempo = bytes({0, 0xFF, 0x51, 3, 0x0F, 0x42, 0x40, 96, 0xFF, 0x51, 3, 0x07, 0xA1, 0x20});  // 1 s, then 0.5 s
  const std::string notes = bytes({48, 0x95, 60, 127, 96, 0x85, 60, 0});
  const MidiSong song = parse(file(1, 96, {track(tempo + track_end), track(notes + track_end)}));
  EXPECT_EQ(told(song), "0.5000:0:60:5:1 1.2500:1:60:5:0 ");
}

TEST(Midi, TakesSmpteTime) {
  const int division = ((256 - 25) << 8) | 40;  // milliseconds
  const MidiSong song = parse(file(0, division, {track(bytes({0x87, 0x68, 0x90, 60, 127}) + track_end)}));
  EXPECT_EQ(told(song), "1.0000:0:60:0:1 1.0000:1:60:0:0 ");
}

TEST(Midi, ReadsPedalBendAndItsRange) {
  const std::string events = bytes({0, 0xB0, 64,  127, 0, 64,   63,  // pedal
                                    0, 0xE0, 0,   127,               // of two semitones
                                    0, 0xB0, 101, 0,   0, 100,  0,   0, 6, 12,  0, 38, 50, 0, 101, 127, 0, 100, 127, 0, 6, 3,  //
                                    0, 0xE0, 0,   0,   0, 0xB0, 123, 0, 0, 121, 0});
  const MidiSong song = parse(file(0, 96, {track(events + track_end)}));
  EXPECT_EQ(told(song),
            "0.0000:3:0:0:1 0.0000:3:0:0:0 0.0000:4:0:0:1.969 0.0000:4:0:0:-12.5 0.0000:2:0:0:0 0.0000:3:0:0:0 0.0000:4:0:0:0 ");
}

TEST(Midi, AChannelsBendRangeHoldsInAllTracks) {
  const std::string range = bytes({0, 0xB0, 101, 0, 0, 100, 0, 0, 6, 12}), bend = bytes({96, 0xE0, 0, 0});
  EXPECT_EQ(told(parse(file(1, 96, {track(range + track_end), track(bend + track_end)}))), "0.5000:4:0:0:-12 ");
  EXPECT_EQ(told(parse(file(1, 96, {track(bend + track_end), track(range + track_end)}))), "0.5000:4:0:0:-12 ");
  const std::string other = bytes({96, 0xE1, 0, 0});
  EXPECT_EQ(told(parse(file(1, 96, {track(range + track_end), track(other + track_end)}))), "0.5000:4:0:1:-2 ");
}

TEST(Midi, SkipsWhatIsNoNote) {
  const std::string events =
      bytes({0, 0xF0, 3, 1, 2, 0xF7, 0, 0xFF, 3, 2, 'h', 'i', 0, 0xC0, 5, 0, 0xD0, 5, 0, 0xA0, 60, 5, 0, 0x90, 60, 127});
  const std::string unknown = "XFIH" + long_number(2) + "ab";
  EXPECT_EQ(told(parse(file(0, 96, {unknown + track(events + track_end)}))), "0.0000:0:60:0:1 0.0000:1:60:0:0 ");
}

TEST(Midi, GoesOnWithRunningStatusBehindOtherEvents) {
  const std::string events = bytes({0, 0x90, 60, 127, 0, 0xFF, 1, 1, 'a', 48, 64, 127, 0, 0xF0, 2, 1, 0xF7, 48, 60, 0, 0, 64, 0});
  EXPECT_EQ(told(parse(file(0, 96, {track(events + track_end)}))),
            "0.0000:0:60:0:1 0.2500:0:64:0:1 0.5000:1:60:0:0 0.5000:1:64:0:0 ");
}

TEST(Midi, ReadsTracksThatTheHeaderDoesNotCount) {
  const std::string second = track(bytes({0, 0x90, 60, 127, 96, 60, 0}) + track_end);
  const MidiSong song = parse(file(1, 96, {track(track_end)}) + second);
  EXPECT_EQ(told(song), "0.0000:0:60:0:1 0.5000:1:60:0:0 ");
  ASSERT_EQ(song.remarks.size(), 1u);
  EXPECT_EQ(song.remarks[0], "'song.mid' announces 1 track and holds 2: all are played");
  EXPECT_TRUE(parse(file(1, 96, {track(track_end)}) + std::string(20, '\0')).remarks.empty()) << "filled up with zeros";
}

TEST(Midi, TakesTheFileOutOfARiff) {
  const std::string song = file(0, 96, {track(bytes({0, 0x90, 60, 127, 96, 60, 0}) + track_end)});
  const std::string length = bytes({static_cast<int>(song.size()), 0, 0, 0}), odd = "INFO" + bytes({1, 0, 0, 0, 'x', 0});
  EXPECT_EQ(told(parse("RIFF" + length + "RMID" + odd + "data" + length + song)), "0.0000:0:60:0:1 0.5000:1:60:0:0 ");
  expect_error(ErrorCode::file_malformed, "no chunk 'data'", [&] { parse("RIFF" + length + "RMID" + odd); });
  expect_error(ErrorCode::file_malformed, "not of the form RMID", [&] { parse("RIFF" + length + "WAVE" + odd); });
}

TEST(Midi, LetsGoAtTheEndOfTheFile) {
  const std::string events = bytes({0, 0xB0, 64, 127, 0, 0x90, 60, 127, 96});
  const MidiSong song = parse(file(0, 96, {track(events + track_end.substr(1))}));
  EXPECT_EQ(told(song), "0.0000:3:0:0:1 0.0000:0:60:0:1 0.5000:3:0:0:0 0.5000:1:60:0:0 ");
  EXPECT_DOUBLE_EQ(song.seconds, 0.5);
  ASSERT_EQ(song.remarks.size(), 1u);
  EXPECT_EQ(song.remarks[0], "'song.mid': 1 note has no end: released at the end of the file");
}

TEST(Midi, RefusesWhatTheFormatForbids) {
  const auto refused = [](const std::string& text, const std::string& part) {
    expect_error(ErrorCode::file_malformed, part, [&] { parse(text); });
  };
  refused("", "begins with MThd");
  refused("RIFF0123456789", "begins with MThd");
  refused(file(2, 96, {track(track_end)}), "pieces that do not belong together");
  refused(file(0, 0, {track(track_end)}), "the division 0");
  refused(file(0, 0xE600, {track(track_end)}), "the division");
  refused("MThd" + long_number(6) + bytes({0, 1, 0, 2, 0, 96}) + track(track_end), "track 2 of 2 is missing");
  refused(file(0, 96, {track("")}), "the track has no end");
  refused(file(0, 96, {track(bytes({0, 60, 60}) + track_end)}), "a data byte stands where an event begins");
  refused(file(0, 96, {track(bytes({0, 0x90, 60, 200}) + track_end)}), "track 1, byte 25: a data byte is 200");
  refused(file(0, 96, {track(bytes({0x80, 0x80, 0x80, 0x80, 0}) + track_end)}), "longer than four bytes");
  refused(file(0, 96, {track(bytes({0, 0xFF, 0x51, 2, 1, 1}) + track_end)}), "a tempo is not three bytes");
  refused(file(0, 96, {track(bytes({0, 0xF4}) + track_end)}), "does not belong in a file");
  refused(file(0, 96, {track(bytes({0, 0xF0, 100}) + track_end)}), "100 bytes are announced, 4 are left");
  expect_error(ErrorCode::file_unreadable, "no-such.mid", [] { read_midi("no-such.mid"); });
}

TEST(Midi, TakesOrRefusesAnyBytes) {
  const std::string events =
      bytes({0, 0x90, 60, 127, 96, 0x80, 60, 0, 0, 0xE0, 0, 127, 0, 0xB0, 64, 127, 0, 0xFF, 0x51, 3, 7, 0, 0});
  const std::string good = file(1, 96, {track(events + track_end), track(bytes({0, 0xF0, 2, 1, 0xF7}) + track_end)});
  int taken = 0, refused = 0;
  const auto take = [&](const std::string& text) {
    try {
      parse(text);
      ++taken;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::file_malformed);
      ++refused;
    }
  };
  for (std::size_t n = 0; n < good.size(); ++n) take(good.substr(0, n));
  EXPECT_EQ(taken, 0) << "a file that was cut short";
  for (std::size_t n = 0; n < good.size(); ++n) {
    for (const int value : {0, 1, 0x7F, 0x80, 0x90, 0xF0, 0xFF}) {
      std::string changed = good;
      changed[n] = static_cast<char>(value);
      take(changed);
    }
  }
  EXPECT_GT(taken, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace dgen

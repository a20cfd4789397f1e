#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "audio/file_bytes.h"
#include "dgen/error.h"
#include "dgen/midi.h"

namespace dgen {

namespace {

/// Reads numbers from front to back.
class Bytes {
 public:
  Bytes(std::string_view bytes, std::string where, std::size_t first) : bytes_(bytes), where_(std::move(where)), first_(first) {}

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(ErrorCode::file_malformed, where_ + ", byte " + std::to_string(first_ + at_) + ": " + why);
  }
  bool at_end() const { return at_ == bytes_.size(); }
  std::size_t position() const { return first_ + at_; }
  std::uint8_t peek() const {
    if (at_end()) refuse("it ends in the middle of an event");
    return static_cast<std::uint8_t>(bytes_[at_]);
  }
  std::uint8_t byte() {
    const std::uint8_t value = peek();
    ++at_;
    return value;
  }
  /// A byte below 128.
  int data() {
    const std::uint8_t value = peek();
    if (value > 127) refuse("a data byte is " + std::to_string(value) + ", above 127");
    ++at_;
    return value;
  }
  std::uint32_t big_endian(int count) {
    std::uint32_t value = 0;
    for (int k = 0; k < count; ++k) value = (value << 8) | byte();
    return value;
  }
  /// Seven bits a byte, most significant first; at most four bytes.
  std::uint32_t variable_length() {
    std::uint32_t value = 0;
    for (int k = 0; k < 4; ++k) {
      const std::uint8_t part = byte();
      value = (value << 7) | (part & 127u);
      if (part < 128) return value;
    }
    refuse("a length or time is longer than four bytes");
  }
  std::string_view take(std::uint32_t count) {
    if (count > bytes_.size() - at_)
      refuse(std::to_string(count) + " bytes are announced, " + std::to_string(bytes_.size() - at_) + " are left");
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }

 private:
  std::string_view bytes_;
  std::string where_;
  std::size_t first_;  ///< of the bytes in the file
  std::size_t at_ = 0;
};

/// An event by its tick. Tempo: microseconds a quarter note, of no NoteEvent.
struct TrackEvent {
  std::uint64_t tick = 0;
  std::optional<NoteEvent> note{};
  std::uint32_t tempo = 0;
};

/// What pitch bends of a channel mean.
struct Controls {
  int parameter_high = 127, parameter_low = 127;  ///< registered parameter; 127, 127: none
  double semitones = 2, cents = 0;                ///< range of the bend wheel
};

class Track {
 public:
  Track(Bytes bytes, std::vector<TrackEvent>& events) : bytes_(std::move(bytes)), events_(events) {}

  /// Returns the tick at which the track ends.
  std::uint64_t read() {
    while (!ended_) {
      if (bytes_.at_end()) bytes_.refuse("the track has no end (FF 2F 00)");
      tick_ += bytes_.variable_length();
      event();
    }
    return tick_;
  }

 private:
  void event() {
    const std::uint8_t first = bytes_.peek();
    if (first < 0x80 && status_ == 0) bytes_.refuse("a data byte stands where an event begins");
    if (first < 0x80) return channel_event(status_);
    bytes_.byte();
    if (first < 0xF0) {
      status_ = first;
      return channel_event(first);
    }
    status_ = 0;
    if (first == 0xFF) return meta();
    if (first != 0xF0 && first != 0xF7) bytes_.refuse("status " + std::to_string(first) + " does not belong in a file");
    bytes_.take(bytes_.variable_length());  // system exclusive
  }

  void meta() {
    const int kind = bytes_.data();
    const std::uint32_t length = bytes_.variable_length();
    const std::string_view content = bytes_.take(length);
    if (kind == 0x2F) ended_ = true;
    if (kind != 0x51) return;
    std::uint32_t tempo = 0;
    for (const char part : content) tempo = (tempo << 8) | static_cast<std::uint8_t>(part);
    if (length != 3 || tempo == 0) bytes_.refuse("a tempo is not three bytes of microseconds a quarter note");
    events_.push_back({.tick = tick_, .tempo = tempo});
  }

  void channel_event(std::uint8_t status) {
    const int channel = status & 15, first = bytes_.data();
    switch (status >> 4) {
      case 0x8: bytes_.data(); return add(NoteEvent::Kind::note_off, channel, first, 0);
      case 0x9: {
        const int velocity = bytes_.data();
        return add(velocity > 0 ? NoteEvent::Kind::note_on : NoteEvent::Kind::note_off, channel, first, velocity / 127.0);
      }
      case 0xB: return control(channel, first, bytes_.data());
      case 0xC:
      case 0xD: return;  // program, pressure of a channel: one byte
      case 0xE: return bend(channel, first + 128 * bytes_.data());
      default: bytes_.data();  // pressure of a key
    }
  }

  void control(int channel, int number, int value) {
    Controls& controls = controls_[static_cast<std::size_t>(channel)];
    const bool bend_range = controls.parameter_high == 0 && controls.parameter_low == 0;
    if (number == 6 && bend_range) controls.semitones = value;
    if (number == 38 && bend_range) controls.cents = value;
    if (number == 101) controls.parameter_high = value;
    if (number == 100) controls.parameter_low = value;
    if (number == 98 || number == 99) controls.parameter_high = controls.parameter_low = 127;
    if (number == 64) add(NoteEvent::Kind::sustain, channel, 0, value >= 64 ? 1 : 0);
    if (number == 121) {
      add(NoteEvent::Kind::sustain, channel, 0, 0);
      add(NoteEvent::Kind::pitch_bend, channel, 0, 0);
    }
    if (number == 120 || number >= 123) add(NoteEvent::Kind::all_notes_off, channel, 0, 0);
  }

  void bend(int channel, int position) {
    const Controls& controls = controls_[static_cast<std::size_t>(channel)];
    add(NoteEvent::Kind::pitch_bend, channel, 0, (position - 8192) / 8192.0 * (controls.semitones + controls.cents / 100));
  }

  void add(NoteEvent::Kind kind, int channel, int note, double value) {
    events_.push_back({.tick = tick_, .note = NoteEvent{.kind = kind, .note = note, .channel = channel, .value = value}});
  }

  Bytes bytes_;
  std::vector<TrackEvent>& events_;
  std::uint64_t tick_ = 0;
  std::uint8_t status_ = 0;  ///< that events without one take; 0: none
  bool ended_ = false;
  std::array<Controls, 16> controls_{};
};

/// Seconds at ticks, which come in order.
class Time {
 public:
  explicit Time(std::uint32_t division) : division_(division), smpte_((division & 0x8000u) != 0) {}

  double at(std::uint64_t tick) {
    seconds_ += static_cast<double>(tick - tick_) * seconds_of_a_tick();
    tick_ = tick;
    return seconds_;
  }
  void set_tempo(std::uint32_t microseconds) { tempo_ = microseconds; }

 private:
  double seconds_of_a_tick() const {
    if (!smpte_) return tempo_ * 1e-6 / division_;
    const int frames = 256 - static_cast<int>(division_ >> 8);
    return 1 / ((frames == 29 ? 30 / 1.001 : frames) * (division_ & 255u));
  }
  const std::uint32_t division_;
  const bool smpte_;
  std::uint32_t tempo_ = 500000;
  std::uint64_t tick_ = 0;
  double seconds_ = 0;
};

void check_division(const Bytes& file, std::uint32_t division) {
  const std::uint32_t frames = 256 - (division >> 8), ticks = division & 255u;
  const bool smpte = (division & 0x8000u) != 0;
  const bool known = smpte ? ticks > 0 && (frames == 24 || frames == 25 || frames == 29 || frames == 30) : division > 0;
  if (!known) file.refuse("the division " + std::to_string(division) + " is neither ticks a quarter note nor SMPTE frames");
}

struct Header {
  std::uint32_t format = 0, tracks = 0, division = 0;
};

Header read_header(Bytes& file) {
  if (file.take(4) != "MThd") file.refuse("a Standard MIDI File begins with MThd");
  const std::uint32_t length = file.big_endian(4);
  if (length < 6) file.refuse("the header is " + std::to_string(length) + " bytes long; it takes 6");
  Header header;
  header.format = file.big_endian(2), header.tracks = file.big_endian(2), header.division = file.big_endian(2);
  file.take(length - 6);
  if (header.format > 1) {
    file.refuse("the format is " + std::to_string(header.format) +
                (header.format == 2 ? ", pieces that do not belong together; save it as format 0 or 1" : ", which is not known"));
  }
  check_division(file, header.division);
  return header;
}

}  // namespace

MidiSong parse_midi(std::string_view bytes, const std::string& name) {
  Bytes file(bytes, "'" + name + "'", 0);
  if (bytes.size() < 14) file.refuse("it is too short for a Standard MIDI File, which begins with MThd");
  const Header header = read_header(file);
  std::vector<TrackEvent> events;
  std::uint64_t end = 0;
  for (std::uint32_t track = 0; track < header.tracks;) {
    if (file.at_end()) file.refuse("track " + std::to_string(track + 1) + " of " + std::to_string(header.tracks) + " is missing");
    const std::string_view kind = file.take(4);
    const std::uint32_t length = file.big_endian(4);
    const std::size_t first = file.position();
    const std::string_view chunk = file.take(length);
    if (kind != "MTrk") continue;  // of a kind that the standard leaves to the future
    ++track;
    const std::string where = "'" + name + "', track " + std::to_string(track);
    end = std::max(end, Track(Bytes(chunk, where, first), events).read());
  }
  std::stable_sort(events.begin(), events.end(), [](const TrackEvent& a, const TrackEvent& b) { return a.tick < b.tick; });
  MidiSong song;
  Time time(header.division);
  for (const TrackEvent& event : events) {
    const double seconds = time.at(event.tick);
    if (event.note)
      song.notes.push_back({seconds, *event.note});
    else
      time.set_tempo(event.tempo);
  }
  song.seconds = time.at(end);
  return song;
}

MidiSong read_midi(const std::string& path) { return parse_midi(audio::read_bytes(path), path); }

}  // namespace dgen

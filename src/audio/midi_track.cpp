#include "audio/midi_track.h"

namespace dgen::audio {

namespace {

class Track {
 public:
  Track(MidiBytes bytes, std::vector<MidiEvent>& events) : bytes_(std::move(bytes)), events_(events) {}

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
    if (first < 0x80) return channel_event();
    bytes_.byte();
    if (first < 0xF0) {
      status_ = first;
      return channel_event();
    }
    // The standard ends running status here; many files go on with it, and nothing else can stand in its place.
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

  void channel_event() {
    const int kind = status_ >> 4;
    const bool one_byte = kind == 0xC || kind == 0xD;  // program, pressure of a channel
    MidiEvent event{.tick = tick_, .status = status_, .first = bytes_.data()};
    if (!one_byte) event.second = bytes_.data();
    events_.push_back(event);
  }

  MidiBytes bytes_;
  std::vector<MidiEvent>& events_;
  std::uint64_t tick_ = 0;
  std::uint8_t status_ = 0;  ///< that events without one take; 0: none
  bool ended_ = false;
};

}  // namespace

std::uint64_t read_midi_track(MidiBytes track, std::vector<MidiEvent>& events) { return Track(std::move(track), events).read(); }

}  // namespace dgen::audio

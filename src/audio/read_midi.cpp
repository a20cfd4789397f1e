#include <algorithm>
#include <cstdint>

#include "audio/file_bytes.h"
#include "audio/midi_bytes.h"
#include "audio/midi_channels.h"
#include "audio/midi_track.h"
#include "dgen/error.h"
#include "dgen/midi.h"

namespace dgen {

namespace {

using audio::MidiBytes;
using audio::MidiEvent;

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

void check_division(const MidiBytes& file, std::uint32_t division) {
  const std::uint32_t frames = 256 - (division >> 8), ticks = division & 255u;
  const bool smpte = (division & 0x8000u) != 0;
  const bool known = smpte ? ticks > 0 && (frames == 24 || frames == 25 || frames == 29 || frames == 30) : division > 0;
  if (!known) file.refuse("the division " + std::to_string(division) + " is neither ticks a quarter note nor SMPTE frames");
}

struct Header {
  std::uint32_t format = 0, tracks = 0, division = 0;
};

Header read_header(MidiBytes& file) {
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
  MidiBytes file(bytes, "'" + name + "'", 0);
  if (bytes.size() < 14) file.refuse("it is too short for a Standard MIDI File, which begins with MThd");
  const Header header = read_header(file);
  std::vector<MidiEvent> events;
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
    end = std::max(end, audio::read_midi_track(MidiBytes(chunk, where, first), events));
  }
  std::stable_sort(events.begin(), events.end(), [](const MidiEvent& a, const MidiEvent& b) { return a.tick < b.tick; });
  MidiSong song;
  Time time(header.division);
  audio::MidiChannels channels(song.notes);
  for (const MidiEvent& event : events) {
    const double seconds = time.at(event.tick);
    if (event.status == 0)
      time.set_tempo(event.tempo);
    else
      channels.take(event, seconds);
  }
  song.seconds = time.at(end);
  return song;
}

MidiSong read_midi(const std::string& path) { return parse_midi(audio::read_bytes(path), path); }

}  // namespace dgen

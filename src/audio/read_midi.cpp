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

/// The Standard MIDI File among the chunks of a RIFF file, whose numbers have their least byte first.
MidiBytes inside_riff(std::string_view bytes, const std::string& where) {
  MidiBytes file(bytes, where, 0);
  file.take(8);
  if (file.take(4) != "RMID") file.refuse("it is a RIFF file, but not of the form RMID; a Standard MIDI File begins with MThd");
  while (!file.at_end()) {
    const std::string_view kind = file.take(4);
    const std::uint32_t length = file.little_endian(4);
    const std::size_t first = file.position();
    const std::string_view chunk = file.take(length);
    if (kind == "data") return MidiBytes(chunk, where, first);
    if (length % 2 != 0 && !file.at_end()) file.byte();  // chunks begin at even places
  }
  file.refuse("the RMID file holds no chunk 'data' with a Standard MIDI File");
}

MidiBytes standard_file(std::string_view bytes, const std::string& name) {
  const std::string where = "'" + name + "'";
  if (bytes.size() < 14) MidiBytes(bytes, where, 0).refuse("it is too short for a Standard MIDI File, which begins with MThd");
  return bytes.substr(0, 4) == "RIFF" ? inside_riff(bytes, where) : MidiBytes(bytes, where, 0);
}

/// What the tracks of a file hold together.
struct Tracks {
  std::uint32_t count = 0;
  std::vector<MidiEvent> events{};
  std::uint64_t end = 0;  ///< tick
};

/// Whether a track follows that the header does not count. What else follows is left alone.
bool another_track(MidiBytes file) { return file.left() >= 8 && file.take(4) == "MTrk"; }

void read_chunk(MidiBytes& file, const std::string& name, const Header& header, Tracks& tracks) {
  if (file.at_end())
    file.refuse("track " + std::to_string(tracks.count + 1) + " of " + std::to_string(header.tracks) + " is missing");
  const std::string_view kind = file.take(4);
  const std::uint32_t length = file.big_endian(4);
  const std::size_t first = file.position();
  const std::string_view chunk = file.take(length);
  if (kind != "MTrk") return;  // of a kind that the standard leaves to the future
  ++tracks.count;
  const std::string where = "'" + name + "', track " + std::to_string(tracks.count);
  tracks.end = std::max(tracks.end, audio::read_midi_track(MidiBytes(chunk, where, first), tracks.events));
}

std::string counted(std::uint32_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

/// The events by their seconds, and an end for what has none.
void play(const Tracks& tracks, std::uint32_t division, const std::string& name, MidiSong& song) {
  Time time(division);
  audio::MidiChannels channels(song.notes);
  for (const MidiEvent& event : tracks.events) {
    const double seconds = time.at(event.tick);
    if (event.status == 0)
      time.set_tempo(event.tempo);
    else
      channels.take(event, seconds);
  }
  song.seconds = time.at(tracks.end);
  const int released = channels.release_all(song.seconds);
  if (released == 0) return;
  song.remarks.push_back("'" + name + "': " + counted(static_cast<std::uint32_t>(released), "note") +
                         (released == 1 ? " has" : " have") + " no end: released at the end of the file");
}

}  // namespace

MidiSong parse_midi(std::string_view bytes, const std::string& name) {
  MidiBytes file = standard_file(bytes, name);
  const Header header = read_header(file);
  Tracks tracks;
  while (tracks.count < header.tracks || another_track(file)) read_chunk(file, name, header, tracks);
  std::stable_sort(tracks.events.begin(), tracks.events.end(),
                   [](const MidiEvent& a, const MidiEvent& b) { return a.tick < b.tick; });
  MidiSong song;
  if (tracks.count > header.tracks) {
    song.remarks.push_back("'" + name + "' announces " + counted(header.tracks, "track") + " and holds " +
                           std::to_string(tracks.count) + ": all are played");
  }
  play(tracks, header.division, name, song);
  return song;
}

MidiSong read_midi(const std::string& path) { return parse_midi(audio::read_bytes(path), path); }

}  // namespace dgen

#pragma once
// A track of a Standard MIDI File as the events it holds.

#include <cstdint>
#include <vector>

#include "audio/midi_bytes.h"

namespace dgen::audio {

/// A channel's message or a tempo, by its tick.
struct MidiEvent {
  std::uint64_t tick = 0;
  std::uint8_t status = 0;    ///< with the channel in its low four bits; 0: a tempo
  int first = 0, second = 0;  ///< data bytes
  std::uint32_t tempo = 0;    ///< microseconds a quarter note
};

/// Appends the track's events in the order of time; other events than those are skipped. Returns the tick at which the track
/// ends. Throws `Error` file_malformed.
std::uint64_t read_midi_track(MidiBytes track, std::vector<MidiEvent>& events);

}  // namespace dgen::audio

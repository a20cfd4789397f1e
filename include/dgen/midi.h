#pragma once
// Standard MIDI files as notes to play. In the library dgen_audio.

#include <string>
#include <string_view>
#include <vector>

#include "dgen/polyphony.h"

namespace dgen {

/// An event and when it is played. `event.frame` is not used.
struct TimedNote {
  double seconds = 0;
  NoteEvent event{};
};

/// What a file plays, in the order of time.
struct MidiSong {
  std::vector<TimedNote> notes;
  double seconds = 0;                  ///< to the end of the longest track
  std::vector<std::string> remarks{};  ///< what of the file was not as it should be, and what was made of it
};

/// Notes, the sustain pedal, pitch bends (with their range, registered parameter 0), "all notes off" and "reset all controllers"
/// of a Standard MIDI File of format 0 or 1, by its tempo map or in SMPTE time; velocities become 0 … 1. What else is in it is
/// skipped. Notes and pedals that are still down at the end of the file are let go there. A RIFF file of the form RMID is
/// taken for the file in it. Throws `Error` file_unreadable; file_malformed with the track and byte where it does not say what
/// the format says. Source: MIDI Manufacturers Association, Standard MIDI Files 1.0 (RP-001).
MidiSong read_midi(const std::string& path);

/// The same of the file's bytes; `name` is named in messages.
MidiSong parse_midi(std::string_view bytes, const std::string& name);

}  // namespace dgen

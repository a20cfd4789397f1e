#pragma once
// A patch whose voices play notes: what `render` runs with --voices, --midi or --notes.

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "dgen/audio.h"
#include "dgen/midi.h"
#include "dgen/patch_run.h"
#include "dgen/polyphony.h"

namespace dgen::tool {

/// --voices, --midi, --notes.
struct NoteOptions {
  int voices = 0;  ///< 0: as many as the default, or none are wanted
  std::string midi{}, notes{};
  void add(CLI::App& command);
  /// Whether notes are to be played. Throws `UsageError` where options contradict each other.
  bool given() const;
  int voice_count() const;
  /// What is to be played. Throws `UsageError` where --notes is not as it should be, and what `read_midi` throws.
  MidiSong song() const;
};

/// Reads NOTE:START:DURATION[:VELOCITY],…: MIDI note numbers, seconds, 0 … 1. Throws `UsageError`.
MidiSong parse_notes(const std::string& text);

/// Gives events their frames. A note that would end at the frame where it begins lasts one frame: it was struck, and is heard.
/// Returns the frames to the end of the song and of its last note.
std::int64_t place_on_frames(MidiSong& song, double sample_rate);

/// A polyphonic patch that plays a song, and hears a buffer.
class NoteRun {
 public:
  /// As PatchRun; the song, whose events have their frames, is kept. Throws `Error` bad_value where the plan asks for an instance
  /// per channel.
  NoteRun(const VoiceProgram& program, const ChannelPlan& plan, const AudioBuffer& in, double sample_rate,
          const std::vector<std::pair<int, double>>& settings, MidiSong song, int threads = 1);
  int channels() const;
  /// Runs frames [from, from + frames) into out[channel]; calls follow one another.
  void process(float* const* out, std::int64_t from, std::int64_t frames) noexcept;
  std::string failure() const;
  /// Voices of --backend auto run on the CPU, which does not fail.
  std::string fallback() const { return {}; }

 private:
  void run(float* const* out, std::int64_t offset, std::int64_t from, std::int64_t frames) noexcept;
  const AudioBuffer& in_;
  const std::vector<int> feed_;  ///< by input: channel of the buffer, -1 for silence
  MidiSong song_;                ///< with frames from the beginning
  Polyphony player_;
  std::size_t next_ = 0;  ///< event of the song
  std::vector<const float*> inputs_;
  std::vector<float*> outputs_;
};

}  // namespace dgen::tool

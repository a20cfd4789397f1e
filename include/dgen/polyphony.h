#pragma once
// One patch, many notes. A patch for one voice declares a parameter `gate` (1 while a key is down), its pitch as `freq` (Hz) or
// `note` (a MIDI note number, 69: 440 Hz), and, if it likes, how hard the key was struck as `velocity` or `gain` (0 … 1). Notes
// set these, a voice at a time; every other parameter is the same for all voices. Outputs of the voices are added.
//
//   Graph patch;
//   load_patch(patch, "organ.genexpr");
//   Polyphony organ(compile_voices(patch, 16), 48000);
//   organ.note_on(60, 0.8, 32);            // from frame 32 of the next call on
//   organ.process(nullptr, outputs, 64);

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dgen/program.h"

namespace dgen {

/// How voices run: `lanes` of one program, whose values have a leading axis of voices, or `copies` of the program for one voice.
enum class VoiceLayout : std::uint8_t {
  automatic,  ///< what is expected to be faster, of what is possible; `VoiceProgram::why` says why
  lanes,
  copies,
};

/// A patch compiled for some voices. Its code is no longer than that of one voice.
struct VoiceProgram {
  Program program;
  int voices = 1;
  VoiceLayout layout = VoiceLayout::copies;  ///< never automatic
  std::string why{};                         ///< why this layout, in words
};

/// voices: 1 … 1024. Throws what `compile` does; `Error` unknown_name where the patch lacks `gate` and a pitch; bad_value where
/// the range of `gate` does not hold 0 and 1; bad_type where `lanes` is asked for and a voice has what cannot be widened.
VoiceProgram compile_voices(const Graph& patch, int voices, VoiceLayout layout = VoiceLayout::automatic,
                            const CompileOptions& options = {});

/// The graph that plays `voices` voices at once: parameters of notes, and all that depends on them, have a leading axis of
/// voices; outputs are their sums. Throws as `compile_voices` does for lanes. The result is a graph like any other: compile it,
/// export it.
std::unique_ptr<Graph> voice_lanes(const Graph& patch, int voices);

/// Something that is played.
struct NoteEvent {
  enum class Kind : std::uint8_t { note_on, note_off, all_notes_off, sustain, pitch_bend };
  std::int64_t frame = 0;  ///< from the beginning of the next call
  Kind kind = Kind::note_on;
  int note = 0;      ///< of note_on and note_off
  int channel = 0;   ///< 0 … 15; of all_notes_off also -1, for all
  double value = 0;  ///< velocity, 0 … 1; pedal down: above 0; semitones
};

/// Plays notes on a program for voices. One caller at a time, but for `set`. A note takes the voice that was released longest
/// ago (one that has not played yet before all others), else that of the oldest note that only the pedal holds, else that of
/// the oldest note. Where a voice's gate is still up its gate falls for one frame, so that envelopes begin anew; a note that ends
/// within that frame sounds for the next one.
///
/// Events take effect at a frame of the next call, or of a later one: `frame` counts from the beginning of the next call. They
/// may be told in any order; of one frame, in the order told. Up to 4096 may wait. The channel, 0 … 15, is
/// MIDI's: each has notes, a pedal and a bend of its own. `false` says that an event was refused: too many, a frame before the
/// call, no such channel, a number that is not finite.
class Polyphony {
 public:
  /// threads: that copies share, for offline work; the same bits for any number. 0: as many as the machine has. With more than
  /// one, `process` waits for the others. Throws `Error` bad_value for other numbers than 0 … 1024, and as Instance does, and
  /// `compile_voices` about parameters.
  Polyphony(const VoiceProgram& program, double sample_rate, int threads = 1);
  ~Polyphony();
  Polyphony(Polyphony&&) noexcept;
  Polyphony& operator=(Polyphony&&) noexcept;

  /// What the functions below are made of.
  bool play(const NoteEvent& event) noexcept;

  /// velocity: 0 … 1.
  bool note_on(int note, double velocity, std::int64_t frame = 0, int channel = 0) noexcept;
  /// Releases the oldest note of that number that a key still holds.
  bool note_off(int note, std::int64_t frame = 0, int channel = 0) noexcept;
  /// Releases every note, whatever the pedal does. channel: -1 for all.
  bool all_notes_off(std::int64_t frame = 0, int channel = -1) noexcept;
  /// While the pedal is down, notes are released when it goes up.
  bool sustain(bool down, std::int64_t frame = 0, int channel = 0) noexcept;
  /// Moves the pitch of a channel's notes, also of those to come.
  bool pitch_bend(double semitones, std::int64_t frame = 0, int channel = 0) noexcept;

  /// As Instance::process; every voice hears all inputs. Real-time safe on the CPU. frames 0: events of frame 0 take effect,
  /// which makes room for more.
  void process(const float* const* in, float* const* out, std::int64_t frames) noexcept;

  /// As Instance::set, for parameters that notes do not set. Throws unknown_name; bad_value for one that notes set.
  void set(std::string_view param, double value);
  double get(std::string_view param) const;
  /// Back to frame 0, without notes and events; parameters that notes do not set are kept.
  void reset() noexcept;

  int voices() const;
  /// Voices whose gate is up.
  int sounding() const;
  /// As Instance::failure.
  std::string failure() const;
  const Program& program() const;

 private:
  class Player;
  std::unique_ptr<Player> player_;
};

}  // namespace dgen

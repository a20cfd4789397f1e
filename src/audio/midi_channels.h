#pragma once
// What messages of MIDI's 16 channels mean as notes, pedals and bends.

#include <array>
#include <vector>

#include "audio/midi_track.h"
#include "dgen/midi.h"

namespace dgen::audio {

/// A channel belongs to all tracks of a file: a range that one sets holds for the bends of another. Messages come in the order
/// of time.
class MidiChannels {
 public:
  explicit MidiChannels(std::vector<TimedNote>& notes) : notes_(notes) {}
  /// Appends what the message means, if anything, at that second.
  void take(const MidiEvent& event, double seconds);
  /// Lets go of pedals and keys that are down. Returns how many keys were.
  int release_all(double seconds);

 private:
  /// What pitch bends of a channel mean.
  struct Controls {
    int parameter_high = 127, parameter_low = 127;  ///< registered parameter; 127, 127: none
    double semitones = 2, cents = 0;                ///< range of the bend wheel
    bool pedal = false;
    std::vector<int> keys{};  ///< notes that are down
  };
  static void hold(NoteEvent::Kind kind, Controls& controls, int note, double value);
  void control(int channel, int number, int value);
  void bend(int channel, int position);
  void add(NoteEvent::Kind kind, int channel, int note, double value);

  std::vector<TimedNote>& notes_;
  double seconds_ = 0;
  std::array<Controls, 16> controls_{};
};

}  // namespace dgen::audio

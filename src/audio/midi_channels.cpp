#include "audio/midi_channels.h"

#include <algorithm>

namespace dgen::audio {

void MidiChannels::take(const MidiEvent& event, double seconds) {
  seconds_ = seconds;
  const int channel = event.status & 15;
  switch (event.status >> 4) {
    case 0x8: return add(NoteEvent::Kind::note_off, channel, event.first, 0);
    case 0x9:  // a velocity of 0 is a note off
      if (event.second == 0) return add(NoteEvent::Kind::note_off, channel, event.first, 0);
      return add(NoteEvent::Kind::note_on, channel, event.first, event.second / 127.0);
    case 0xB: return control(channel, event.first, event.second);
    case 0xE: return bend(channel, event.first + 128 * event.second);
    default: return;  // programs, pressure
  }
}

/// Keeps in mind what is down.
void MidiChannels::hold(NoteEvent::Kind kind, Controls& controls, int note, double value) {
  std::vector<int>& keys = controls.keys;
  if (kind == NoteEvent::Kind::note_on) keys.push_back(note);
  if (kind == NoteEvent::Kind::all_notes_off) keys.clear();
  if (kind == NoteEvent::Kind::sustain) controls.pedal = value > 0;
  if (kind != NoteEvent::Kind::note_off) return;
  if (const auto key = std::find(keys.begin(), keys.end(), note); key != keys.end()) keys.erase(key);
}

void MidiChannels::control(int channel, int number, int value) {
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

void MidiChannels::bend(int channel, int position) {
  const Controls& controls = controls_[static_cast<std::size_t>(channel)];
  add(NoteEvent::Kind::pitch_bend, channel, 0, (position - 8192) / 8192.0 * (controls.semitones + controls.cents / 100));
}

int MidiChannels::release_all(double seconds) {
  seconds_ = seconds;
  int released = 0;
  for (int channel = 0; channel < static_cast<int>(controls_.size()); ++channel) {
    const Controls held = controls_[static_cast<std::size_t>(channel)];
    if (held.pedal) add(NoteEvent::Kind::sustain, channel, 0, 0);
    for (const int note : held.keys) add(NoteEvent::Kind::note_off, channel, note, 0);
    released += static_cast<int>(held.keys.size());
  }
  return released;
}

void MidiChannels::add(NoteEvent::Kind kind, int channel, int note, double value) {
  hold(kind, controls_[static_cast<std::size_t>(channel)], note, value);
  notes_.push_back({seconds_, NoteEvent{.kind = kind, .note = note, .channel = channel, .value = value}});
}

}  // namespace dgen::audio

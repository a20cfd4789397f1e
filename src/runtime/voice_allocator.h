#pragma once
// Which voice plays which note.

#include <cstdint>
#include <vector>

namespace dgen::runtime {

/// Allocates no memory after it is made.
class VoiceAllocator {
 public:
  explicit VoiceAllocator(int voices) : voices_(static_cast<std::size_t>(voices)) {}

  /// A voice for a new note: that released longest ago, those that have not played yet first; else the oldest that the pedal
  /// holds; else the oldest.
  int take(int note, int channel) noexcept;
  /// The voice of the oldest note of that number that a key holds, whose key goes up now; -1 where there is none. With
  /// `sustained` the voice sounds on until `release_sustained`.
  int key_up(int note, int channel, bool sustained) noexcept;
  /// Ends what is held by the pedal only, or with `keys` all of it. channel: -1 for all. `released` is told each voice.
  template <class Released>
  void release(int channel, bool keys, Released released) noexcept {
    for (std::size_t v = 0; v < voices_.size(); ++v) {
      Voice& voice = voices_[v];
      const bool ends = voice.hold == Hold::pedal || (keys && voice.hold == Hold::key);
      if (!ends || (channel >= 0 && voice.channel != channel)) continue;
      let_go(voice);
      released(static_cast<int>(v));
    }
  }
  void reset() noexcept;

  int note(int voice) const noexcept { return voices_[static_cast<std::size_t>(voice)].note; }
  int channel(int voice) const noexcept { return voices_[static_cast<std::size_t>(voice)].channel; }
  bool is_held(int voice) const noexcept { return voices_[static_cast<std::size_t>(voice)].hold != Hold::none; }

 private:
  /// In the order in which voices are taken.
  enum class Hold : std::uint8_t { none, pedal, key };
  struct Voice {
    int note = -1, channel = -1;  ///< the last it played
    Hold hold = Hold::none;
    std::uint64_t since = 0;  ///< when the hold began, or when it ended; 0: has not played yet
  };
  void let_go(Voice& voice) noexcept {
    voice.hold = Hold::none;
    voice.since = ++time_;
  }

  std::vector<Voice> voices_;
  std::uint64_t time_ = 0;  ///< counts what happened
};

}  // namespace dgen::runtime

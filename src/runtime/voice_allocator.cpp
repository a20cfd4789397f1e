#include "runtime/voice_allocator.h"

#include <algorithm>
#include <utility>

namespace dgen::runtime {

int VoiceAllocator::take(int note, int channel) noexcept {
  const auto sooner = [](const Voice& a, const Voice& b) { return std::pair(a.hold, a.since) < std::pair(b.hold, b.since); };
  const auto taken = std::min_element(voices_.begin(), voices_.end(), sooner);
  *taken = {.note = note, .channel = channel, .hold = Hold::key, .since = ++time_};
  return static_cast<int>(taken - voices_.begin());
}

int VoiceAllocator::key_up(int note, int channel, bool sustained) noexcept {
  Voice* oldest = nullptr;
  for (Voice& voice : voices_) {
    if (voice.hold != Hold::key || voice.note != note || voice.channel != channel) continue;
    if (!oldest || voice.since < oldest->since) oldest = &voice;
  }
  if (!oldest) return -1;
  if (sustained)
    oldest->hold = Hold::pedal;
  else
    let_go(*oldest);
  return static_cast<int>(oldest - voices_.data());
}

void VoiceAllocator::reset() noexcept {
  std::fill(voices_.begin(), voices_.end(), Voice{});
  time_ = 0;
}

}  // namespace dgen::runtime

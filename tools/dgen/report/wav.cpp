#include "dgen/report/wav.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace dgen::report {

namespace {

/// The lowest `count` bytes of a number, the low one first.
void append(std::string& bytes, std::uint32_t number, int count) {
  for (int k = 0; k < count; ++k) bytes += static_cast<char>(number >> (8 * k) & 0xff);
}

std::uint32_t pcm(float sample, double gain) {
  if (std::isnan(sample)) return 0;
  const double steps = std::nearbyint(std::clamp(static_cast<double>(sample) * gain * 32768, -32768.0, 32767.0));
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(steps));
}

}  // namespace

std::string wav_bytes(const AudioBuffer& audio, double gain) {
  const auto channels = static_cast<std::uint32_t>(audio.channels.size());
  const auto rate = static_cast<std::uint32_t>(std::lround(audio.sample_rate));
  const std::uint32_t data = static_cast<std::uint32_t>(audio.frames()) * channels * 2;
  std::string bytes = "RIFF";
  bytes.reserve(44 + data);
  append(bytes, 36 + data, 4);
  bytes += "WAVEfmt ";
  append(bytes, 16, 4);
  append(bytes, 1, 2);
  append(bytes, channels, 2);
  append(bytes, rate, 4);
  append(bytes, rate * channels * 2, 4);
  append(bytes, channels * 2, 2);
  append(bytes, 16, 2);
  bytes += "data";
  append(bytes, data, 4);
  for (std::size_t n = 0; n < static_cast<std::size_t>(audio.frames()); ++n) {
    for (const std::vector<float>& channel : audio.channels) append(bytes, pcm(channel[n], gain), 2);
  }
  return bytes;
}

}  // namespace dgen::report

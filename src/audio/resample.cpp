// Rate conversion through libsamplerate.

#include <samplerate.h>

#include <cmath>

#include "dgen/audio.h"
#include "dgen/error.h"

namespace dgen {

namespace {

/// `channel` at `ratio` times its rate, cut or padded to `frames`.
std::vector<float> convert(const std::vector<float>& channel, double ratio, std::size_t frames) {
  std::vector<float> converted(frames);
  if (channel.empty() || frames == 0) return converted;
  SRC_DATA data{};
  data.data_in = channel.data();
  data.input_frames = static_cast<long>(channel.size());
  data.data_out = converted.data();
  data.output_frames = static_cast<long>(frames);
  data.src_ratio = ratio;
  if (const int failed = src_simple(&data, SRC_SINC_BEST_QUALITY, 1)) {
    throw Error(ErrorCode::bad_value, std::string("cannot convert the sample rate: ") + src_strerror(failed));
  }
  return converted;
}

}  // namespace

AudioBuffer resample(const AudioBuffer& audio, double sample_rate) {
  const double ratio = sample_rate / audio.sample_rate;
  if (!(sample_rate >= 1 && sample_rate <= 1e7) || !src_is_valid_ratio(ratio)) {
    throw Error(ErrorCode::bad_value, "cannot convert " + std::to_string(audio.sample_rate) + " Hz to " +
                                          std::to_string(sample_rate) +
                                          " Hz: rates are 1 to 10000000 Hz, and their ratio 1/256 to 256");
  }
  if (sample_rate == audio.sample_rate) return audio;
  AudioBuffer converted{.sample_rate = sample_rate};
  const auto frames = static_cast<std::size_t>(std::llround(static_cast<double>(audio.frames()) * ratio));
  for (const auto& channel : audio.channels) converted.channels.push_back(convert(channel, ratio, frames));
  return converted;
}

}  // namespace dgen

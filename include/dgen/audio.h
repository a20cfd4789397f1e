#pragma once
// Sound files and rate conversion. A library of its own, dgen_audio: the compiler needs none of it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dgen {

/// Planar audio: one vector of samples a channel, all of one length. Full scale is [-1, 1].
struct AudioBuffer {
  double sample_rate = 48000;  ///< Hz
  std::vector<std::vector<float>> channels{};
  /// Length of every channel.
  std::int64_t frames() const { return channels.empty() ? 0 : static_cast<std::int64_t>(channels.front().size()); }
};

/// What `write_audio` stores a sample as. `automatic` is float32, or pcm24 where the container holds no floats (FLAC).
enum class SampleFormat : std::uint8_t { automatic, float32, pcm16, pcm24 };

/// "float32", "pcm16", "pcm24".
std::string_view sample_format_name(SampleFormat format);

/// What `write_audio` did to the samples.
struct WriteReport {
  SampleFormat format = SampleFormat::float32;  ///< what was written, never `automatic`
  std::int64_t clipped = 0;                     ///< PCM: samples outside [-1, 1], stored as full scale
  std::int64_t not_finite = 0;                  ///< PCM: NaN or infinite samples; NaN is stored as 0
};

/// Peak, RMS and what is not a number.
struct AudioLevels {
  double peak = 0;                ///< largest |sample| of the finite ones
  double rms = 0;                 ///< root of the mean square of the finite ones, over all channels
  std::int64_t not_finite = 0;    ///< samples that are NaN or infinite
  std::int64_t first_frame = -1;  ///< of the earliest of them; -1 where there is none
  int first_channel = -1;         ///< its channel, from 0
};

/// Reads a whole sound file: WAV, AIFF, FLAC, Ogg and what else libsndfile knows. PCM is scaled to [-1, 1); floats are
/// kept as they are, NaN and infinity included (`measure` counts them). A pipe is read to its end. A file that ends
/// before its header says is refused, but a length that a program writing to a pipe left open is accepted.
/// Throws `Error` file_unreadable (absent, a directory, no permission) or file_malformed (empty, not a sound file,
/// damaged, cut off), naming file and reason.
AudioBuffer read_audio(const std::string& path);

/// Writes WAV, AIFF or FLAC, by the ending of `path`; no ending is WAV. Floats are stored as they are: no normalising,
/// no clipping, no dither. PCM is rounded to the nearest step and clipped. The file appears whole or not at all: it is
/// written beside `path` and renamed, so a failure leaves what was there; pipes and devices are written in place.
/// Throws `Error` file_unwritable, or bad_value for an unknown ending, a format the container has not, a rate or shape
/// no file can hold.
WriteReport write_audio(const std::string& path, const AudioBuffer& audio, SampleFormat format = SampleFormat::automatic);

/// Throws what `write_audio` would for the ending, the format and the folder of `path`: to know before long work.
void check_writable(const std::string& path, SampleFormat format = SampleFormat::automatic);

/// The same audio at another rate: band-limited (libsamplerate's best sinc), no delay, round(frames × ratio) frames.
/// Throws `Error` bad_value unless sample_rate is in 1 … 1e7 Hz and the ratio in 1/256 … 256.
AudioBuffer resample(const AudioBuffer& audio, double sample_rate);

AudioLevels measure(const AudioBuffer& audio);

}  // namespace dgen

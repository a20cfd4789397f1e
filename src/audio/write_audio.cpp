// Writing sound files through libsndfile: floats as they are, PCM rounded and clipped, the file whole or not at all.

#include <sndfile.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <memory>

#include "audio/file_bytes.h"
#include "audio/memory_file.h"
#include "dgen/audio.h"
#include "dgen/error.h"

namespace dgen {

namespace {

using SoundFile = std::unique_ptr<SNDFILE, decltype(&sf_close)>;

/// The container that the ending of the path names.
int container_of(const std::string& path) {
  const std::size_t name = path.find_last_of('/') == std::string::npos ? 0 : path.find_last_of('/') + 1;
  const std::size_t dot = path.find_last_of('.');
  if (dot == std::string::npos || dot < name) return SF_FORMAT_WAV;
  std::string ending = path.substr(dot + 1);
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (ending == "wav" || ending == "wave") return SF_FORMAT_WAV;
  if (ending == "aif" || ending == "aiff") return SF_FORMAT_AIFF;
  if (ending == "flac") return SF_FORMAT_FLAC;
  throw Error(ErrorCode::bad_value,
              "cannot write '" + path + "': the ending '." + ending + "' is none of .wav, .aif, .aiff, .flac");
}

SampleFormat choose(const std::string& path, int container, SampleFormat format) {
  const bool floats = container != SF_FORMAT_FLAC;
  if (format == SampleFormat::automatic) return floats ? SampleFormat::float32 : SampleFormat::pcm24;
  if (format == SampleFormat::float32 && !floats) {
    throw Error(ErrorCode::bad_value, "cannot write '" + path + "': FLAC holds no float32; use pcm16 or pcm24, or a .wav file");
  }
  return format;
}

int subtype(SampleFormat format) {
  switch (format) {
    case SampleFormat::automatic: break;
    case SampleFormat::float32: return SF_FORMAT_FLOAT;
    case SampleFormat::pcm16: return SF_FORMAT_PCM_16;
    case SampleFormat::pcm24: return SF_FORMAT_PCM_24;
  }
  throw InternalError("internal error: a sample format was not chosen");
}

void check_shape(const std::string& path, const AudioBuffer& audio) {
  const auto refuse = [&](const std::string& why) { throw Error(ErrorCode::bad_value, "cannot write '" + path + "': " + why); };
  if (audio.channels.empty()) refuse("the audio has no channels");
  if (audio.channels.size() > 1024)
    refuse("the audio has " + std::to_string(audio.channels.size()) + " channels, files hold up to 1024");
  for (const auto& channel : audio.channels) {
    if (static_cast<std::int64_t>(channel.size()) != audio.frames()) refuse("its channels differ in length");
  }
  if (!(audio.sample_rate >= 1 && audio.sample_rate <= 1e7 && audio.sample_rate == std::floor(audio.sample_rate))) {
    refuse("a file's rate is a whole number of Hz in 1 to 10000000, not " + std::to_string(audio.sample_rate));
  }
}

/// One sample as a PCM number of `bits` bits, in the upper bits of an int: what libsndfile stores without change.
int quantise(float sample, int bits, WriteReport& report) {
  if (!std::isfinite(sample)) ++report.not_finite;
  if (std::isnan(sample)) return 0;
  if (std::fabs(sample) > 1) ++report.clipped;
  const double steps = std::ldexp(1.0, bits - 1);
  const double value = std::clamp(std::nearbyint(static_cast<double>(sample) * steps), -steps, steps - 1);
  return static_cast<int>(value) * (1 << (32 - bits));
}

/// Frames [from, from + count) as one interleaved row, each sample passed through `convert`.
template <class T, class Convert>
void interleave(const AudioBuffer& audio, std::int64_t from, std::int64_t count, std::vector<T>& row, Convert convert) {
  row.clear();
  for (std::int64_t n = from; n < from + count; ++n) {
    for (const auto& channel : audio.channels) row.push_back(convert(channel[static_cast<std::size_t>(n)]));
  }
}

bool write_samples(SNDFILE* file, const AudioBuffer& audio, WriteReport& report) {
  constexpr std::int64_t block = 4096;
  const int bits = report.format == SampleFormat::pcm16 ? 16 : 24;
  std::vector<float> floats;
  std::vector<int> integers;
  for (std::int64_t from = 0; from < audio.frames(); from += block) {
    const std::int64_t count = std::min(block, audio.frames() - from);
    sf_count_t written = 0;
    if (report.format == SampleFormat::float32) {
      interleave(audio, from, count, floats, [](float x) { return x; });
      written = sf_writef_float(file, floats.data(), count);
    } else {
      interleave(audio, from, count, integers, [&](float x) { return quantise(x, bits, report); });
      written = sf_writef_int(file, integers.data(), count);
    }
    if (written != count) return false;
  }
  return true;
}

/// WAV's and AIFF's lengths are 32 bits; past that WAV becomes RF64 and AIFF is refused.
int fit_length(const std::string& path, int container, const AudioBuffer& audio) {
  const double bytes = 4.0 * static_cast<double>(audio.frames()) * static_cast<double>(audio.channels.size());
  if (bytes < 4.29e9 || container == SF_FORMAT_FLAC) return container;
  if (container == SF_FORMAT_WAV) return SF_FORMAT_RF64;
  throw Error(ErrorCode::limit_exceeded, "cannot write '" + path + "': AIFF holds up to 4 GiB; write a .wav or .flac file");
}

}  // namespace

std::string_view sample_format_name(SampleFormat format) {
  switch (format) {
    case SampleFormat::automatic: return "automatic";
    case SampleFormat::float32: return "float32";
    case SampleFormat::pcm16: return "pcm16";
    case SampleFormat::pcm24: return "pcm24";
  }
  return "unknown";
}

void check_writable(const std::string& path, SampleFormat format) {
  choose(path, container_of(path), format);
  audio::check_folder(path);
}

WriteReport write_audio(const std::string& path, const AudioBuffer& audio, SampleFormat format) {
  check_shape(path, audio);
  const int container = container_of(path);
  WriteReport report{.format = choose(path, container, format)};
  SF_INFO info{};
  info.samplerate = static_cast<int>(audio.sample_rate);
  info.channels = static_cast<int>(audio.channels.size());
  info.format = fit_length(path, container, audio) | subtype(report.format);
  if (!sf_format_check(&info)) {
    throw Error(ErrorCode::bad_value, "cannot write '" + path + "': the format does not hold " + std::to_string(info.channels) +
                                          " channels at " + std::to_string(info.samplerate) + " Hz");
  }
  audio::MemoryFile memory;
  SF_VIRTUAL_IO io = audio::memory_io();
  SoundFile file(sf_open_virtual(&io, SFM_WRITE, &info, &memory), &sf_close);
  if (!file) throw Error(ErrorCode::file_unwritable, "cannot write '" + path + "': " + sf_strerror(nullptr));
  // The PEAK chunk carries the time of day: without it equal audio gives equal bytes.
  sf_command(file.get(), SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);
  const bool written = write_samples(file.get(), audio, report);
  const std::string why = written ? "" : sf_strerror(file.get());
  if (!written || sf_close(file.release()) != 0) {
    throw Error(ErrorCode::file_unwritable, "cannot write '" + path + "': " + (why.empty() ? "the encoder failed" : why));
  }
  audio::write_bytes(path, memory.bytes);
  return report;
}

}  // namespace dgen

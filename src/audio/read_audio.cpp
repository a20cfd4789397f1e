// Reading sound files through libsndfile, whole and checked.

#include <sndfile.h>

#include <array>
#include <charconv>
#include <memory>

#include "audio/file_bytes.h"
#include "audio/memory_file.h"
#include "dgen/audio.h"
#include "dgen/error.h"

namespace dgen {

namespace {

using SoundFile = std::unique_ptr<SNDFILE, decltype(&sf_close)>;

[[noreturn]] void malformed(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::file_malformed, "cannot read '" + path + "' as sound: " + why);
}

/// The length in bytes that the chunk of samples claims where the file is shorter than that, else 0. libsndfile repairs
/// the length silently and only its log tells: "data : 137090 (should be 49956)"; AIFF's chunk is SSND.
std::int64_t claimed_bytes(SNDFILE* file) {
  std::array<char, 8192> log{};
  sf_command(file, SFC_GET_LOG_INFO, log.data(), log.size());
  const std::string_view text(log.data());
  for (const std::string_view chunk : {"\ndata : ", "\n SSND : "}) {
    const std::size_t at = text.find(chunk);
    if (at == std::string_view::npos) continue;
    const std::string_view line = text.substr(at + chunk.size(), text.find('\n', at + 1) - at - chunk.size());
    if (line.find("(should be") == std::string_view::npos) continue;
    std::int64_t bytes = 0;
    std::from_chars(line.data(), line.data() + line.size(), bytes);
    return bytes;
  }
  return 0;
}

/// A program that writes to a pipe cannot know the length: it leaves 0, or a number close to 2^31 or 2^32.
bool left_open(std::int64_t bytes) { return bytes >= 0x7FF00000; }

void check_header(const std::string& path, SNDFILE* file, const SF_INFO& info) {
  if (info.channels < 1 || info.channels > 1024)
    malformed(path, "its header says " + std::to_string(info.channels) + " channels");
  if (info.samplerate < 1 || info.samplerate > 10'000'000) {
    malformed(path, "its header says a rate of " + std::to_string(info.samplerate) + " Hz, outside 1 to 10000000");
  }
  const std::int64_t claimed = claimed_bytes(file);
  if (claimed > 0 && !left_open(claimed)) {
    malformed(path, "it is cut off or damaged: its header says " + std::to_string(claimed) + " bytes of samples, it holds " +
                        std::to_string(info.frames) + " frames");
  }
}

void read_channels(SNDFILE* file, int channel_count, std::vector<std::vector<float>>& channels) {
  constexpr std::int64_t block = 4096;
  const std::size_t stride = static_cast<std::size_t>(channel_count);
  channels.resize(stride);
  std::vector<float> interleaved(static_cast<std::size_t>(block) * stride);
  // Grows as samples arrive: a damaged header may claim any number of frames.
  for (sf_count_t got = sf_readf_float(file, interleaved.data(), block); got > 0;
       got = sf_readf_float(file, interleaved.data(), block)) {
    for (std::size_t c = 0; c < stride; ++c) {
      for (std::size_t n = 0; n < static_cast<std::size_t>(got); ++n) channels[c].push_back(interleaved[n * stride + c]);
    }
  }
}

}  // namespace

AudioBuffer read_audio(const std::string& path) {
  audio::MemoryFile memory{.bytes = audio::read_bytes(path)};
  if (memory.bytes.empty()) malformed(path, "it is empty");
  SF_VIRTUAL_IO io = audio::memory_io();
  SF_INFO info{};
  const SoundFile file(sf_open_virtual(&io, SFM_READ, &info, &memory), &sf_close);
  if (!file && sf_error(nullptr) == SF_ERR_UNRECOGNISED_FORMAT)
    malformed(path, "not a format that is known (WAV, AIFF, FLAC, Ogg …)");
  if (!file) malformed(path, sf_strerror(nullptr));
  check_header(path, file.get(), info);

  AudioBuffer audio{.sample_rate = static_cast<double>(info.samplerate)};
  read_channels(file.get(), info.channels, audio.channels);
  if (sf_error(file.get()) != SF_ERR_NO_ERROR) malformed(path, sf_strerror(file.get()));
  if (info.frames < SF_COUNT_MAX && audio.frames() < info.frames) {
    malformed(path, "it is cut off or damaged: its header says " + std::to_string(info.frames) + " frames, it holds " +
                        std::to_string(audio.frames()));
  }
  return audio;
}

}  // namespace dgen

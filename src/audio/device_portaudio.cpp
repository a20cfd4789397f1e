// Audio devices through PortAudio.

#include <portaudio.h>

#include <atomic>
#include <charconv>

#include "dgen/audio_device.h"
#include "dgen/error.h"

namespace dgen {

namespace {

[[noreturn]] void unavailable(const std::string& what, PaError error) {
  throw Error(ErrorCode::device_unavailable, what + ": " + Pa_GetErrorText(error));
}

/// PortAudio counts its users: one of these per stream or list.
class Session {
 public:
  Session() {
    if (const PaError error = Pa_Initialize()) unavailable("the audio system does not start", error);
  }
  ~Session() { Pa_Terminate(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
};

std::vector<AudioDevice> list() {
  std::vector<AudioDevice> found;
  for (int k = 0; k < Pa_GetDeviceCount(); ++k) {
    const PaDeviceInfo& info = *Pa_GetDeviceInfo(k);
    if (info.maxOutputChannels < 1) continue;
    found.push_back({.index = k,
                     .name = info.name,
                     .host = Pa_GetHostApiInfo(info.hostApi)->name,
                     .outputs = info.maxOutputChannels,
                     .sample_rate = info.defaultSampleRate,
                     .is_default = k == Pa_GetDefaultOutputDevice()});
  }
  return found;
}

AudioDevice choose(const std::string& wanted) {
  const std::vector<AudioDevice> devices = list();
  if (devices.empty()) throw Error(ErrorCode::device_unavailable, "there is no audio device on this machine that plays");
  int index = -1;
  std::from_chars(wanted.data(), wanted.data() + wanted.size(), index);
  const bool is_index = !wanted.empty() && wanted == std::to_string(index);
  for (const AudioDevice& device : devices) {
    if (is_index ? device.index == index : wanted.empty() ? device.is_default : device.name.find(wanted) != std::string::npos)
      return device;
  }
  if (wanted.empty()) return devices.front();
  std::string names;
  for (const AudioDevice& device : devices)
    names += (names.empty() ? "" : ", ") + std::to_string(device.index) + " '" + device.name + "'";
  throw Error(ErrorCode::device_unavailable, "there is no audio device '" + wanted + "'; there are " + names);
}

}  // namespace

struct OutputStream::Stream {
  Session session{};
  AudioDevice device{};
  FillBlock fill{};
  PaStream* stream = nullptr;
  std::atomic<std::int64_t> underruns = 0;

  static int call(const void*, void* out, unsigned long frames, const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags flags,
                  void* user) {
    Stream& self = *static_cast<Stream*>(user);
    if (flags & paOutputUnderflow) self.underruns.fetch_add(1, std::memory_order_relaxed);
    self.fill(static_cast<float* const*>(out), static_cast<std::int64_t>(frames));
    return paContinue;
  }
};

std::vector<AudioDevice> output_devices() {
  const Session session;
  return list();
}

OutputStream::OutputStream(const StreamOptions& options, FillBlock fill) : stream_(std::make_unique<Stream>()) {
  stream_->device = choose(options.device);
  stream_->fill = std::move(fill);
  PaStreamParameters output{};
  output.device = stream_->device.index;
  output.channelCount = options.channels;
  output.sampleFormat = paFloat32 | paNonInterleaved;
  output.suggestedLatency = Pa_GetDeviceInfo(stream_->device.index)->defaultLowOutputLatency;
  const unsigned long block = options.block > 0 ? static_cast<unsigned long>(options.block) : paFramesPerBufferUnspecified;
  const PaError error =
      Pa_OpenStream(&stream_->stream, nullptr, &output, options.sample_rate, block, paNoFlag, &Stream::call, stream_.get());
  if (error != paNoError) {
    unavailable("the audio device '" + stream_->device.name + "' refuses " + std::to_string(options.channels) + " channels at " +
                    std::to_string(static_cast<std::int64_t>(options.sample_rate)) + " Hz",
                error);
  }
}

OutputStream::~OutputStream() {
  if (stream_->stream) Pa_CloseStream(stream_->stream);
}

void OutputStream::start() {
  if (const PaError error = Pa_StartStream(stream_->stream))
    unavailable("the audio device '" + stream_->device.name + "' does not start", error);
}

void OutputStream::stop() { Pa_StopStream(stream_->stream); }

const AudioDevice& OutputStream::device() const { return stream_->device; }

std::int64_t OutputStream::underruns() const { return stream_->underruns.load(std::memory_order_relaxed); }

}  // namespace dgen

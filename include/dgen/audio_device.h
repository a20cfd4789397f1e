#pragma once
// Audio devices, through PortAudio where the build has it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dgen {

/// One device of one host system (ALSA, JACK, Core Audio …).
struct AudioDevice {
  int index = -1;  ///< what `StreamOptions::device` takes, besides its name
  std::string name;
  std::string host;         ///< "ALSA", "JACK Audio Connection Kit"
  int outputs = 0;          ///< most output channels
  double sample_rate = 0;   ///< Hz, its own choice
  bool is_default = false;  ///< the default output
};

/// The devices that play. Empty where there is none. Throws `Error` device_unavailable when the build has no devices or
/// the host's audio system does not start.
std::vector<AudioDevice> output_devices();

struct StreamOptions {
  std::string device{};  ///< a part of its name or its index; empty: the default output
  int channels = 2;
  double sample_rate = 48000;
  int block = 0;  ///< frames a call; 0: what the device likes
};

/// Fills `out[channel]` with `frames` samples. Called on the device's thread: no lock, no allocation, no exception.
using FillBlock = std::function<void(float* const* out, std::int64_t frames)>;

/// An open output stream. Playing starts with `start`, and stops with `stop` or the end of its life.
class OutputStream {
 public:
  /// Throws `Error` device_unavailable: no device, none of that name, or it refuses the channels or the rate.
  OutputStream(const StreamOptions& options, FillBlock fill);
  ~OutputStream();
  OutputStream(const OutputStream&) = delete;
  OutputStream& operator=(const OutputStream&) = delete;

  /// Throws `Error` device_unavailable when the device refuses.
  void start();
  /// Lets the blocks that were filled play to their end. Idempotent.
  void stop();
  const AudioDevice& device() const;
  /// Blocks that came too late since `start`. Any thread.
  std::int64_t underruns() const;

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace dgen

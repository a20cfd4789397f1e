// What the device interface says in a build without PortAudio.

#include "dgen/audio_device.h"
#include "dgen/error.h"

namespace dgen {

namespace {

[[noreturn]] void absent() {
  throw Error(ErrorCode::device_unavailable,
              "this build of dgen has no audio devices: it was configured without PortAudio (DGEN_DEVICES)");
}

}  // namespace

struct OutputStream::Stream {
  AudioDevice device{};
};

std::vector<AudioDevice> output_devices() { absent(); }

OutputStream::OutputStream(const StreamOptions&, FillBlock) { absent(); }
OutputStream::~OutputStream() = default;
void OutputStream::start() { absent(); }
void OutputStream::stop() {}
const AudioDevice& OutputStream::device() const { return stream_->device; }
std::int64_t OutputStream::underruns() const { return 0; }

}  // namespace dgen

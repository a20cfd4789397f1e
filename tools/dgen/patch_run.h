#pragma once
// A patch that runs on a sound file's channels, or on none: what `render` and `play` share.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/thread_team.h"
#include "dgen/audio.h"
#include "dgen/program.h"

namespace dgen::tool {

/// How the channels of a file meet the inputs of a patch.
struct ChannelPlan {
  std::vector<std::vector<int>> feeds;  ///< [instance][input]: channel of the file, -1 for silence
  std::string remark{};                 ///< what the user should know, or empty
};

/// One input on a file of several channels: an instance per channel, if it has one output. A file of one channel
/// feeds every input. Else input k takes channel k, and channels left over are not used.
/// Throws `Error` bad_value when the patch has no output, when several outputs meet several channels, or when there are
/// more inputs than channels. `file_channels` is 0 where there is no file.
ChannelPlan plan_channels(int inputs, int outputs, int file_channels);

/// The instances of a plan, fed from a buffer.
class PatchRun {
 public:
  /// threads: that the instances share; 0: those of the machine. Keeps a reference to `in`, whose channels must be as long as
  /// what is run; without a file it has none.
  PatchRun(const Program& program, const ChannelPlan& plan, const AudioBuffer& in, double sample_rate,
           const std::vector<std::pair<int, double>>& settings, int threads = 1);
  int channels() const;
  /// Runs frames [from, from + frames) into out[channel]. Real-time safe on one thread.
  void process(float* const* out, std::int64_t from, std::int64_t frames) noexcept;
  /// Why an instance stopped computing, or empty: `Instance::failure`.
  std::string failure() const;
  /// Of --backend auto, where a device failed and the CPU went on: `Instance::fallback`.
  std::string fallback() const;

 private:
  const AudioBuffer& in_;
  ChannelPlan plan_;
  std::vector<Instance> instances_;
  std::vector<std::vector<const float*>> pointers_;  ///< by instance: of its inputs
  int outputs_;
  base::ThreadTeam team_;
};

/// The input file of `render` and `play`, converted to `rate` where that is not 0.
/// Reports the conversion, and samples that are not numbers.
AudioBuffer load_input(const std::string& path, double rate);

/// Frames in `seconds`. Throws `Error` limit_exceeded above 2^32.
std::int64_t frames_in(double seconds, double sample_rate);

}  // namespace dgen::tool

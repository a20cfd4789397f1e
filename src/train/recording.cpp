#include "train/recording.h"

#include <cmath>
#include <string>

#include "base/noise.h"
#include "base/text.h"
#include "dgen/error.h"

namespace dgen::train {

namespace {

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::bad_value, "training: " + why); }

std::string channels_text(int count) { return std::to_string(count) + (count == 1 ? " input channel" : " input channels"); }

std::string frames_text(std::int64_t frames) { return std::to_string(frames) + (frames == 1 ? " frame" : " frames"); }

void check_finite(std::size_t channel, std::span<const float> frames) {
  for (std::size_t n = 0; n < frames.size(); ++n) {
    if (std::isfinite(frames[n])) continue;
    refuse("channel " + std::to_string(channel) + " holds " + base::number_text(static_cast<double>(frames[n])) + " at frame " +
           std::to_string(n));
  }
}

}  // namespace

std::int64_t length_of(std::span<const std::span<const float>> channels) {
  for (const std::span<const float> channel : channels) {
    if (!channel.empty()) return static_cast<std::int64_t>(channel.size());
  }
  return 0;
}

std::int64_t check_channels(const Graph& graph, std::span<const std::span<const float>> channels) {
  const auto given = static_cast<int>(channels.size());
  if (given < graph.inputs()) {
    refuse("the graph reads " + channels_text(graph.inputs()) + ", and " + (given == 0 ? "none" : std::to_string(given)) +
           (given == 1 ? " is" : " are") + " given; an empty one is silence");
  }
  const std::int64_t length = length_of(channels);
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const auto frames = static_cast<std::int64_t>(channels[c].size());
    if (frames != 0 && frames != length) {
      refuse("channel " + std::to_string(c) + " has " + frames_text(frames) + ", the ones before it " + frames_text(length) +
             "; cut or pad them to one length");
    }
    check_finite(c, channels[c]);
  }
  return length;
}

void check_segments(const TrainerOptions& options, std::int64_t length) {
  if (options.frames == 0)
    refuse("there is neither a channel of a recording nor a number of frames: set TrainerOptions::channels or frames");
  if (options.frames < 1)
    refuse("the number of frames of a segment is " + std::to_string(options.frames) + "; it must be positive");
  if (options.pre_roll < 0) refuse("the pre-roll is " + frames_text(options.pre_roll));
  if (length == 0 && options.order != SegmentOrder::first)
    refuse("consecutive and random segments are parts of a recording, and no channel is given");
  if (length != 0 && options.frames > length)
    refuse("a segment of " + frames_text(options.frames) + " is longer than the recording of " + frames_text(length));
  if (options.carry_state && options.order == SegmentOrder::random)
    refuse("random segments do not follow each other, so that no state can be carried from one to the next; use a pre-roll");
  if (options.early_stop.patience < 0) refuse("the patience of the early stop is negative");
  if (!std::isfinite(options.early_stop.min_delta)) refuse("the early stop's min_delta is not finite");
}

std::int64_t random_start(std::uint64_t seed, std::int64_t step, std::int64_t count) {
  constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;  // 2^64 over the golden ratio
  const std::uint64_t bits = scramble(scramble(seed + golden) + (static_cast<std::uint64_t>(step) + 1) * golden);
  return static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(count));
}

}  // namespace dgen::train

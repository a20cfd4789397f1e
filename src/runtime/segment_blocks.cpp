#include "runtime/segment_blocks.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "dgen/error.h"

namespace dgen::runtime {

namespace {

struct Sizes {
  std::vector<const SegmentSignal*> signals{};  ///< on tape
  std::int64_t state_bytes = 0;                 ///< of runs whose signals others take
};

Sizes sizes_of(const SegmentData& data) {
  Sizes sizes;
  for (const SegmentSignal& signal : data.signals) {
    if (signal.wanted.empty()) sizes.signals.push_back(&signal);
  }
  for (const SegmentRun& run : data.runs) sizes.state_bytes += run.is_needed ? whole_lines(run.state_bytes) : 0;
  return sizes;
}

std::int64_t tape_of(const Sizes& sizes, std::int64_t frames) {
  std::int64_t bytes = 0;
  for (const SegmentSignal* signal : sizes.signals)
    bytes += whole_lines(signal->numbers(frames) * static_cast<std::int64_t>(sizeof(float)));
  return bytes;
}

/// Blocks of `frames`, and a state more than there are blocks: that behind the last.
Blocks blocks_of(const Sizes& sizes, std::int64_t frames, std::int64_t max_frames) {
  const std::int64_t count = (max_frames + frames - 1) / frames;
  return {frames, count, tape_of(sizes, frames), count > 1 ? (count + 1) * sizes.state_bytes : 0};
}

}  // namespace

Blocks plan_blocks(const SegmentData& data, std::int64_t max_frames) {
  const Sizes sizes = sizes_of(data);
  Blocks best = blocks_of(sizes, max_frames, max_frames);
  const auto bytes = [](const Blocks& blocks) { return blocks.tape_bytes + blocks.checkpoint_bytes; };
  if (bytes(best) <= data.memory_budget) return best;
  const double ideal =
      std::sqrt(static_cast<double>(max_frames) * static_cast<double>(sizes.state_bytes) /
                std::max(4.0, static_cast<double>(tape_of(sizes, max_frames)) / static_cast<double>(max_frames)));
  const std::int64_t near = std::max<std::int64_t>(1, static_cast<std::int64_t>(ideal) / data.sub_block);
  const std::int64_t uncut = bytes(best);
  for (const std::int64_t sub_blocks : {near, near + 1}) {
    const Blocks tried = blocks_of(sizes, std::min(sub_blocks * data.sub_block, max_frames), max_frames);
    if (bytes(tried) < bytes(best)) best = tried;
  }
  if (bytes(best) <= data.memory_budget) return best;
  throw Error(ErrorCode::limit_exceeded, "Segment: " + std::to_string(max_frames) + " frames of '" + data.name + "' need " +
                                             std::to_string(uncut) + " bytes of tape, or " + std::to_string(bytes(best)) +
                                             " bytes with checkpoints every " + std::to_string(best.frames) +
                                             " frames; the budget is " + std::to_string(data.memory_budget) +
                                             ". Give SegmentOptions::memory_budget more, or run shorter segments");
}

}  // namespace dgen::runtime

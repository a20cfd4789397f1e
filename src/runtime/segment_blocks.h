#pragma once
// How a segment is cut where its tape would be too long.

#include <cstdint>

#include "runtime/segment_data.h"

namespace dgen::runtime {

/// Bytes rounded up to whole cache lines.
constexpr std::int64_t whole_lines(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

/// How a segment is cut so that its tape fits: into blocks whose signals are computed when they are needed, from states
/// that were kept at the blocks' beginnings.
struct Blocks {
  std::int64_t frames = 0;  ///< of a block
  std::int64_t count = 1;   ///< of the longest segment
  std::int64_t tape_bytes = 0, checkpoint_bytes = 0;
};

/// One block where the tape is within the budget; else the cut that needs least memory: the tape of a block grows as its
/// length, the states as its inverse. Throws `Error` limit_exceeded where that is more than the budget, too.
Blocks plan_blocks(const SegmentData& data, std::int64_t max_frames);

}  // namespace dgen::runtime

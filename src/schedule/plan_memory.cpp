#include "schedule/plan_memory.h"

#include <algorithm>
#include <vector>

#include "base/index.h"
#include "ir/touched.h"

namespace dgen::schedule {

namespace {

constexpr std::int64_t line = 64;  ///< bytes of a cache line, and of the widest vector

std::int64_t aligned(std::int64_t offset) { return (offset + line - 1) / line * line; }

std::int64_t bytes_of(const ir::Buffer& buffer) { return aligned((buffer.size + ir::padding) * ir::bytes(buffer.scalar)); }

void touch(LiveRange& range, int kernel) {
  range.first = std::min(range.first, kernel);
  range.last = std::max(range.last, kernel);
}

void place_states(ir::Module& module, std::int64_t header_bytes) {
  std::int64_t end = aligned(header_bytes);
  // Single values first, packed by falling size, so that the cells of a patch share cache lines.
  for (const int width : {8, 4}) {
    for (ir::Buffer& buffer : module.buffers) {
      if (buffer.space != ir::Space::state || buffer.size != 1 || ir::bytes(buffer.scalar) != width) continue;
      buffer.offset = end;
      end += width;
    }
  }
  end = aligned(end);
  for (ir::Buffer& buffer : module.buffers) {
    if (buffer.space != ir::Space::state || buffer.size == 1) continue;
    buffer.offset = end;
    end += bytes_of(buffer);
  }
  module.state_bytes = aligned(end + ir::padding * 8);
}

/// First fit in order of first use.
void place_scratch(ir::Module& module, const std::vector<LiveRange>& live) {
  std::vector<std::size_t> order, placed;
  for (std::size_t k = 0; k < module.buffers.size(); ++k) {
    if (module.buffers[k].space == ir::Space::scratch) order.push_back(k);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return live[a].first < live[b].first; });
  module.scratch_bytes = 0;
  for (const std::size_t k : order) {
    ir::Buffer& buffer = module.buffers[k];
    std::vector<std::pair<std::int64_t, std::int64_t>> taken;
    for (const std::size_t other : placed) {
      if (live[other].last < live[k].first || live[k].last < live[other].first) continue;
      taken.emplace_back(module.buffers[other].offset, module.buffers[other].offset + bytes_of(module.buffers[other]));
    }
    std::sort(taken.begin(), taken.end());
    buffer.offset = 0;
    for (const auto& [begin, end] : taken) {
      if (buffer.offset + bytes_of(buffer) <= begin) break;
      buffer.offset = std::max(buffer.offset, end);
    }
    placed.push_back(k);
    module.scratch_bytes = std::max(module.scratch_bytes, buffer.offset + bytes_of(buffer));
  }
}

}  // namespace

void plan_memory(ir::Module& module, std::int64_t header_bytes, bool share) {
  std::vector<LiveRange> live(module.buffers.size());
  for (std::size_t k = 0; k < module.kernels.size(); ++k) {
    const ir::Touched touched = ir::touched_by(module.kernels[k]);
    for (const int buffer : touched.read) touch(live[at(buffer)], static_cast<int>(k));
    for (const int buffer : touched.written) touch(live[at(buffer)], static_cast<int>(k));
  }
  if (!share) std::ranges::fill(live, LiveRange{0, static_cast<int>(module.kernels.size())});
  place_states(module, header_bytes);
  place_scratch(module, live);
}

}  // namespace dgen::schedule

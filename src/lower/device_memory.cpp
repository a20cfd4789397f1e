#include "lower/device_memory.h"

#include <set>

#include "base/index.h"
#include "schedule/check_plan.h"
#include "schedule/plan_memory.h"

namespace dgen::lower {

namespace {

constexpr std::int64_t line = 64;  ///< bytes; wider than any element

std::int64_t aligned(std::int64_t offset) { return (offset + line - 1) / line * line; }

}  // namespace

DeviceMemory plan_device_memory(DeviceLowered& lowered, std::int64_t begin) {
  ir::Module& module = lowered.module;
  schedule::plan_memory(module, 0);
  schedule::check_plan(module, 0);
  const std::set<int> uniforms(lowered.uniforms.begin(), lowered.uniforms.end());
  const std::set<int> host(lowered.host_only.begin(), lowered.host_only.end());
  std::int64_t end = begin;
  const auto place = [&](auto wanted) {
    for (std::size_t k = 0; k < module.buffers.size(); ++k) {
      ir::Buffer& buffer = module.buffers[k];
      if (!wanted(buffer.space, static_cast<int>(k))) continue;
      buffer.offset = end;
      end = aligned(end + buffer.size * ir::bytes(buffer.scalar));
    }
    return end;
  };
  DeviceMemory made{.begin = begin};
  made.uniforms = place([](ir::Space space, int) { return space == ir::Space::constant; });
  made.states = place([&](ir::Space, int k) { return uniforms.contains(k); });
  made.scratch =
      place([&](ir::Space space, int k) { return space == ir::Space::state && !uniforms.contains(k) && !host.contains(k); });
  for (ir::Buffer& buffer : module.buffers) {
    if (buffer.space == ir::Space::scratch) buffer.offset += made.scratch;
  }
  end = made.channels = aligned(made.scratch + module.scratch_bytes);
  if (lowered.origins >= 0) {
    made.bytes = end;
    place_channels(lowered, -1);
  } else {
    place([](ir::Space space, int) { return space == ir::Space::input; });
    made.bytes = place([](ir::Space space, int) { return space == ir::Space::output; });
  }
  for (const int k : host) module.buffers[at(k)].offset = -1;
  return made;
}

void place_channels(DeviceLowered& lowered, std::int64_t offset) {
  for (ir::Buffer& buffer : lowered.module.buffers) {
    if (buffer.space == ir::Space::input || buffer.space == ir::Space::output) buffer.offset = offset;
  }
}

}  // namespace dgen::lower

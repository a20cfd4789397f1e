#include "runtime/explain_device.h"

#include "base/index.h"
#include "runtime/device_machine.h"

namespace dgen::runtime {

namespace {

std::string counted(std::int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// Fewer than this leave most of a GPU idle.
constexpr std::int64_t few_items = 64;

}  // namespace

std::vector<std::string> explain_kernels(const lower::DeviceLowered& lowered, std::int64_t frames) {
  std::vector<std::string> lines;
  for (const lower::Launch& launch : lowered.block) {
    if (launch.grid == lower::Grid::host) continue;
    const ir::Function& kernel = lowered.module.kernels[at(launch.kernel)];
    const std::int64_t items = lower::items_of(launch, frames, 0), group = group_of(launch);
    const std::int64_t groups = (items + group - 1) / group * launch.rows;
    std::string line = kernel.name + ": " + counted(items * launch.rows, "thread") + ", " + counted(groups, "group") + " of " +
                       std::to_string(group) + " for " + std::to_string(frames) + " frames; ";
    if (const std::int64_t bytes = lower::group_bytes(lowered.module, kernel); bytes > 0)
      line += std::to_string(bytes) + " bytes of memory a group; ";
    line += kernel.why;
    if (items * launch.rows < few_items && launch.grid == lower::Grid::one && kernel.name.find("loops") != std::string::npos)
      line += "; few threads, because a frame needs the one before: a CPU is faster at this";
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace dgen::runtime

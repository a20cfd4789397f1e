#include "runtime/device_estimate.h"

#include <algorithm>

#include "base/index.h"
#include "ir/work.h"

namespace dgen::runtime {

namespace {

// Orders of magnitude of desktop and data centre GPUs of 2018 to 2024, and of one core with vectors of 8 to 16 floats.
constexpr double submission_us = 20;            // and waiting for its end
constexpr double launch_us = 4;                 // of a kernel behind another
constexpr double instruction_us = 3e-3;         // of one work item, which waits for the one before
constexpr double work_items_at_once = 1 << 16;  // that all cores keep in flight
constexpr double scalar_instruction_us = 3e-4;  // of the CPU …
constexpr double cpu_lanes = 8;                 // … and instructions of vectors that are worth as many scalar ones
constexpr double bytes_a_us = 1e4;              // between host and device
constexpr int most_rows_looked_at = 64;

/// Instructions of the rows of a launch, a work item each.
double work_of(const ir::Module& module, const lower::Launch& launch, std::int64_t frames) {
  const ir::Function& kernel = module.kernels[at(launch.kernel)];
  const int looked_at = std::min(launch.rows, most_rows_looked_at);
  double sum = 0;
  for (int row = 0; row < looked_at; ++row) sum += static_cast<double>(ir::work(module, kernel, {frames, 0, 0, row}));
  return sum / std::max(looked_at, 1) * launch.rows;
}

}  // namespace

DeviceEstimate estimate(std::span<const lower::DeviceLowered* const> programs, std::int64_t frames) {
  DeviceEstimate made{.gpu_us = submission_us, .frames = frames};
  double slowest_us = 0;
  for (const lower::DeviceLowered* program : programs) {
    const std::int64_t block = std::min<std::int64_t>(frames, program->module.sub_block);
    const double blocks = static_cast<double>(frames) / static_cast<double>(block);
    for (const lower::Launch& launch : program->block) {
      if (launch.grid == lower::Grid::host) continue;
      const std::int64_t items = lower::items_of(launch, block, 0);
      if (items == 0) continue;
      const auto threads = static_cast<double>(items * launch.rows);
      const double work = work_of(program->module, launch, block), of_each = work / launch.rows;
      const double gpu_us = launch_us + of_each * instruction_us * std::max(1.0, threads / work_items_at_once);
      const bool vectors = items >= 4 || launch.grid != lower::Grid::one;
      made.gpu_us += blocks * gpu_us;
      made.cpu_us += blocks * work * static_cast<double>(items) * scalar_instruction_us / (vectors ? cpu_lanes : 1);
      made.most_threads = std::max(made.most_threads, items * launch.rows);
      ++made.kernels;
      if (gpu_us <= slowest_us) continue;
      slowest_us = gpu_us;
      const ir::Function& kernel = program->module.kernels[at(launch.kernel)];
      made.slowest = kernel.name + ", " + std::to_string(items * launch.rows) +
                     (items * launch.rows == 1 ? " thread" : " threads") + ": " + kernel.why;
    }
    const int channels = program->module.run == ir::Run::stream ? program->module.inputs + program->module.outputs : 0;
    made.gpu_us += static_cast<double>(channels * frames) * sizeof(float) / bytes_a_us;
  }
  return made;
}

}  // namespace dgen::runtime

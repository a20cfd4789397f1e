#include "runtime/choose_backend.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "dgen/error.h"
#include "runtime/device_program.h"
#include "runtime/device_segment_data.h"

namespace dgen::runtime {

namespace {

Choice cpu(const std::string& why) { return {Backend::cpu, "cpu: " + why}; }

/// The GPU that the first back end with one would take.
std::optional<DeviceInfo> first_gpu() {
  for (const BackendDef& one : backend_table()) {
    if (!one.is_device()) continue;
    try {
      const std::vector<DeviceInfo> its = one.devices();
      if (!its.empty() && its.front().gpu && its.front().why_not.empty()) return its.front();
    } catch (const Error&) {
      // What keeps a back end from having devices is said by `devices`.
    }
  }
  return {};
}

std::string duration(double us) {
  char text[32];
  const bool long_time = us >= 1000;
  std::snprintf(text, sizeof text, us < 100 ? "%.2g %s" : "%.0f %s", long_time ? us / 1000 : us, long_time ? "ms" : "us");
  return text;
}

/// `lower` gives the kernels of all programs for a device, or throws `Error` for what devices do not run.
template <class Lower>
Choice choose(std::int64_t frames, Lower lower) {
  const std::optional<DeviceInfo> gpu = first_gpu();
  if (!gpu) return cpu("no GPU is here that DGen can use (dgen devices says why)");
  try {
    return lower(*gpu, [&](std::span<const lower::DeviceLowered* const> lowered) {
      return choose_backend(*gpu, estimate(lowered, std::max<std::int64_t>(frames, 1)));
    });
  } catch (const Error& e) {
    return cpu(std::string(to_string(gpu->backend)) + " does not run it: " + e.what());
  }
}

std::shared_ptr<const engine::DeviceCode> unbuilt(const std::string&) { return nullptr; }

}  // namespace

bool finds_gpu() { return first_gpu().has_value(); }

Choice choose_backend(const DeviceInfo& gpu, const DeviceEstimate& estimate) {
  const std::string backend = to_string(gpu.backend);
  const std::string of = "a call of " + std::to_string(estimate.frames) + " frames takes about " + duration(estimate.gpu_us) +
                         " on " + gpu.name + " and " + duration(estimate.cpu_us) + " on the CPU";
  if (estimate.gpu_us < estimate.cpu_us) {
    return {gpu.backend, backend + ": " + of + "; " + std::to_string(estimate.kernels) +
                             (estimate.kernels == 1 ? " kernel" : " kernels") + " of up to " +
                             std::to_string(estimate.most_threads) + " threads"};
  }
  return cpu(of + ", where the slowest kernel is " + estimate.slowest);
}

Choice choose_backend(Graphs graphs, Names names, const CompileOptions& options) {
  return choose(options.frames, [&](const DeviceInfo& gpu, auto choice_of) {
    const auto programs =
        device_programs(gpu.backend, graphs, names, def_of(gpu.backend).dialect(), unbuilt, group_limits(gpu.backend));
    std::vector<const lower::DeviceLowered*> lowered;
    for (const auto& one : programs) lowered.push_back(&one->device->lowered);
    return choice_of(lowered);
  });
}

Choice choose_backend(Wanted wanted, Names names, const SegmentOptions& options) {
  return choose(options.compile.frames, [&](const DeviceInfo& gpu, auto choice_of) {
    const auto programs =
        device_segments(gpu.backend, wanted, names, options, def_of(gpu.backend).dialect(), unbuilt, group_limits(gpu.backend));
    std::vector<const lower::DeviceLowered*> lowered;
    for (const auto& one : programs) {
      for (const DeviceRun& run : one->device->runs) lowered.push_back(&run.lowered);
    }
    return choice_of(lowered);
  });
}

Choice choose_for_notes() { return cpu("notes cut calls into short ones"); }

}  // namespace dgen::runtime

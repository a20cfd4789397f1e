#pragma once
// Segment programs of devices: the runs over a segment, and where what passes between them lies.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/device.h"
#include "lower/device_memory.h"
#include "render/device_dialect.h"
#include "runtime/device_program.h"
#include "runtime/device_update.h"
#include "runtime/pipeline.h"
#include "runtime/segment_data.h"

namespace dgen::runtime {

/// One run over the frames of a segment.
struct DeviceRun {
  lower::DeviceLowered lowered;
  lower::DeviceMemory memory;
  int first_kernel = 0;  ///< of `DeviceSegmentProgram::kernels`
  bool reversed = false;
  bool depends_on_params = true;
  std::vector<ParamSource> params{};
  std::vector<int> host_inputs{};           ///< by input channel: the host's channel, or -1 …
  std::vector<int> inputs{};                ///< … and which of SegmentData::signals
  std::vector<int> outputs{};               ///< by output channel: which of SegmentData::signals
  std::vector<std::int64_t> sum_numbers{};  ///< by DeviceLowered::sums: its first element among those of all
  bool sums_needed = false;                 ///< a later run's parameters are among its sums
};

/// What a segment program of a device adds to `SegmentData`. The tape lies behind the memory of the runs, with a length of the
/// longest segment.
struct DeviceSegmentProgram {
  std::vector<DeviceRun> runs;
  std::vector<std::string> kernels;
  std::shared_ptr<const engine::DeviceCode> code;
  std::int64_t tape_begin = 0;           ///< bytes
  std::shared_ptr<const Compiled> last;  ///< what is known at the end, computed by the host; null: nothing
  std::vector<ParamSource> last_params;
  std::optional<DeviceRun> last_run;   ///< the same on the device, of a resident program; none: nothing
  std::optional<DeviceUpdate> update;  ///< of a resident program
  int first_update = 0;                ///< of `kernels`
};

/// Programs of `backend`, of one source in `dialect`, which `build` builds, for groups as `device_programs` says.
std::vector<std::shared_ptr<const SegmentData>> device_segments(Backend backend, std::span<const std::vector<Signal>> wanted,
                                                                std::span<const std::string> names, const SegmentOptions& options,
                                                                const render::DeviceDialect& dialect,
                                                                const BuildDeviceCode& build,
                                                                const ir::GroupLimits& group = ir::usual_group);

/// The same for the back end of the options, a device, by its own dialect and engine.
std::vector<SegmentProgram> compile_device_segments(std::span<const std::vector<Signal>> wanted,
                                                    std::span<const std::string> names, const SegmentOptions& options);

}  // namespace dgen::runtime

#pragma once
// The one table of back ends: what each is called, compiles, runs, and which devices it has.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dgen/devices.h"
#include "dgen/segment.h"
#include "engine/device.h"
#include "render/device_dialect.h"
#include "runtime/executor.h"
#include "runtime/segment_executor.h"

namespace dgen::runtime {

using Graphs = std::span<const Graph* const>;
using Names = std::span<const std::string>;
using Wanted = std::span<const std::vector<Signal>>;

struct BackendDef {
  BackendInfo info;
  std::vector<Program> (*compile)(Graphs, Names, const CompileOptions&) = nullptr;
  std::vector<SegmentProgram> (*compile_segments)(Wanted, Names, const SegmentOptions&) = nullptr;
  std::unique_ptr<Executor> (*run)(const Program&, double sample_rate) = nullptr;
  std::unique_ptr<SegmentExecutor> (*run_segment)(const SegmentProgram&, double sample_rate, std::int64_t max_frames) = nullptr;
  /// Whether a segment program gives all elements of every tick and frame, not only numbers.
  bool gives_rows = false;
  // Of devices: their language, what builds its text, and which there are, the one that is taken first. These throw `Error`
  // backend_unavailable where there is none, `build` compiler_failed with the compiler's log.
  const render::DeviceDialect& (*dialect)() = nullptr;
  std::shared_ptr<const engine::DeviceCode> (*build)(const std::string& source) = nullptr;
  std::vector<DeviceInfo> (*devices)() = nullptr;
  ir::GroupLimits (*group)() = nullptr;  ///< of the first device
  bool is_device() const { return build != nullptr; }
};

/// Every back end but automatic, those of GPUs in the order in which automatic takes them.
std::span<const BackendDef> backend_table();
/// That of a back end, not automatic.
const BackendDef& def_of(Backend backend);

/// What groups of work items kernels of a back end are written for: what its first device gives, up to `ir::usual_group`, which
/// it is where there is no device. $DGEN_GROUP_MEMORY=BYTES stands for the bytes that a device has; 0: kernels do without.
ir::GroupLimits group_limits(Backend backend);

}  // namespace dgen::runtime

#pragma once
// Programs of devices: their kernels, built, and what the host does between them.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/device.h"
#include "lower/device_memory.h"
#include "render/device_dialect.h"
#include "runtime/program_data.h"

namespace dgen::runtime {

/// What a program of a device adds to `ProgramData`.
struct DeviceProgram {
  lower::DeviceLowered lowered;
  lower::DeviceMemory memory;
  std::vector<std::string> kernels;  ///< of the device, in the order of launches
  std::shared_ptr<const engine::DeviceCode> code;
};

/// Most frames that the kernels of a device get at once.
inline constexpr int device_block = 1 << 14;

using BuildDeviceCode = std::function<std::shared_ptr<const engine::DeviceCode>(const std::string& source)>;

/// Whether the device takes every kernel of a program in groups of the size it is written for. code: null where nothing is built.
bool takes_groups(const engine::DeviceCode* code, const lower::DeviceLowered& lowered);

/// Programs of `backend`, of one source in `dialect`, which `build` builds. Kernels are written for groups of up to `group`, or
/// where one takes too many registers for that, for none. Throws `Error`: what is wrong with a graph, and what `build` throws.
std::vector<std::shared_ptr<ProgramData>> device_programs(Backend backend, std::span<const Graph* const> graphs,
                                                          std::span<const std::string> names,
                                                          const render::DeviceDialect& dialect, const BuildDeviceCode& build,
                                                          const ir::GroupLimits& group = ir::usual_group);

/// The kernels of a patch on the device of a back end, as `explain_kernels` says them. Throws `Error`: what is wrong with the
/// graph.
std::vector<std::string> device_kernels(Backend backend, const Graph& graph);

/// The same as `device_programs` for a device's back end, by its own dialect and engine.
std::vector<Program> compile_for_device(Backend backend, std::span<const Graph* const> graphs,
                                        std::span<const std::string> names);

}  // namespace dgen::runtime

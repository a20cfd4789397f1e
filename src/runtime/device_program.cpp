#include "runtime/device_program.h"

#include <algorithm>
#include <chrono>

#include "base/index.h"
#include "dgen/error.h"
#include "graph/streams.h"
#include "passes/simplify.h"
#include "render/device_text.h"
#include "runtime/backends.h"
#include "runtime/explain_device.h"
#include "runtime/state_elements.h"
#include "schedule/device_schedule.h"

namespace dgen::runtime {

namespace {

std::shared_ptr<DeviceProgram> lower_graph(Backend backend, const Graph& graph, const std::string& name,
                                           const ir::GroupLimits& group, ProgramData& data) {
  check_streams(graph);
  const schedule::DeviceSchedule schedule =
      schedule::make_device_schedule(passes::find_scans(*passes::simplify(graph).graph).graph, ir::Run::stream, group);
  const Graph& scheduled = *schedule.control.graph;
  auto made = std::make_shared<DeviceProgram>();
  made->lowered = lower::lower_device(schedule, name, device_block);
  made->memory = lower::plan_device_memory(made->lowered);
  for (const lower::Launch& launch : made->lowered.block) {
    if (launch.grid != lower::Grid::host) made->kernels.push_back(render::device_kernel_name(made->lowered, launch));
  }
  data.name = name;
  data.backend = backend;
  data.inputs = made->lowered.module.inputs;
  data.outputs = made->lowered.module.outputs;
  for (const int id : scheduled.params()) data.params.push_back(*scheduled[id].attributes.param);
  for (const lower::NamedState& state : made->lowered.states) {
    const ir::Buffer& buffer = made->lowered.module.buffers[at(state.buffer)];
    data.states.push_back({state.name, saved_elements(buffer.scalar, buffer.size)});
  }
  data.states.push_back({std::string(position_name), 1});
  return made;
}

}  // namespace

bool takes_groups(const engine::DeviceCode* code, const lower::DeviceLowered& lowered) {
  if (!code) return true;
  return std::ranges::all_of(lowered.block, [&](const lower::Launch& launch) {
    return launch.group == 0 || code->most_items(render::device_kernel_name(lowered, launch)) >= launch.group;
  });
}

std::vector<std::shared_ptr<ProgramData>> device_programs(Backend backend, std::span<const Graph* const> graphs,
                                                          std::span<const std::string> names,
                                                          const render::DeviceDialect& dialect, const BuildDeviceCode& build,
                                                          const ir::GroupLimits& group) {
  std::vector<std::shared_ptr<ProgramData>> programs;
  std::vector<std::shared_ptr<DeviceProgram>> devices;
  std::vector<const lower::DeviceLowered*> lowered;
  for (std::size_t k = 0; k < graphs.size(); ++k) {
    programs.push_back(std::make_shared<ProgramData>());
    devices.push_back(lower_graph(backend, *graphs[k], names[k], group, *programs.back()));
    lowered.push_back(&devices.back()->lowered);
  }
  const auto source = std::make_shared<const std::string>(render::render_device(dialect, lowered));
  const std::shared_ptr<const engine::DeviceCode> code = build(*source);
  const auto fits = [&](const lower::DeviceLowered* one) { return takes_groups(code.get(), *one); };
  if (!std::ranges::all_of(lowered, fits)) return device_programs(backend, graphs, names, dialect, build, {});
  for (std::size_t k = 0; k < programs.size(); ++k) {
    devices[k]->code = code;
    programs[k]->device = devices[k];
    programs[k]->source = source;
  }
  return programs;
}

std::vector<std::string> device_kernels(Backend backend, const Graph& graph) {
  ProgramData data;
  return explain_kernels(lower_graph(backend, graph, "patch", group_limits(backend), data)->lowered);
}

std::vector<Program> compile_for_device(Backend backend, std::span<const Graph* const> graphs,
                                        std::span<const std::string> names) {
  const BackendDef& def = def_of(backend);
  check(def.is_device(), "only devices have kernels");
  const auto start = std::chrono::steady_clock::now();
  const auto made = device_programs(backend, graphs, names, def.dialect(), def.build, group_limits(backend));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::vector<Program> programs;
  for (const auto& data : made) {
    data->compile_seconds = seconds;
    programs.emplace_back(data);
  }
  return programs;
}

}  // namespace dgen::runtime

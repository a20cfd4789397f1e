#include "lower/device.h"

#include <algorithm>

#include "base/index.h"
#include "ir/verify.h"
#include "lower/control_kernel.h"
#include "lower/device_host.h"
#include "lower/device_scan.h"
#include "schedule/device_schedule.h"

namespace dgen::lower {

namespace {

class DeviceLowering {
 public:
  DeviceLowering(const schedule::Schedule& schedule, std::string_view name, int block)
      : schedule_(schedule), g_(*schedule.graph), module_(named(made_.module, g_, name, block)), buffers_(schedule, module_) {}

  DeviceLowered run() {
    write_change();
    add(made_.block, begin_kernel(g_, buffers_, module_), Grid::host);
    for (const schedule::Stage& stage : schedule_.stages) {
      if (stage.order != schedule::Order::control) write_stage(stage);
    }
    add(made_.block, end_kernel(g_, buffers_, module_), Grid::host);
    made_.states = buffers_.named;
    made_.uniforms.assign(buffers_.uniforms.begin(), buffers_.uniforms.end());
    made_.host_only = {buffers_.params, buffers_.clock, buffers_.control, buffers_.block_limit};
    for (const auto& [recur, scan] : buffers_.scans) made_.host_only.push_back(scan.rotation);
    std::erase(made_.host_only, -1);
    for (const auto& [key, from] : buffers_.contents) made_.contents.emplace_back(buffers_.state.at(key), from);
    ir::verify(module_);
    return std::move(made_);
  }

 private:
  static ir::Module& named(ir::Module& module, const Graph& g, std::string_view name, int block) {
    module.name = std::string(name);
    module.inputs = g.inputs();
    module.outputs = static_cast<int>(g.outputs().size());
    module.sub_block = block;
    return module;
  }

  void add(std::vector<Launch>& list, ir::Function function, Grid grid, int rows = 1) {
    if (function.body.empty()) return;
    list.push_back({static_cast<int>(module_.kernels.size()), grid, rows});
    module_.kernels.push_back(std::move(function));
  }

  void write_change() {
    for (std::size_t s = 0; s < schedule_.stages.size(); ++s) {
      if (schedule_.stages[s].order != schedule::Order::control) continue;
      add(made_.change, control_kernel(schedule_, static_cast<int>(s), buffers_, module_), Grid::host);
    }
    add(made_.change, uniforms_kernel(g_, buffers_, module_), Grid::host);
    const std::size_t before = module_.kernels.size();
    add_step_kernel(schedule_, buffers_, module_);
    add_limit_kernel(schedule_, buffers_, module_);
    for (std::size_t k = before; k < module_.kernels.size(); ++k) made_.change.push_back({static_cast<int>(k), Grid::host});
  }

  void write_stage(const schedule::Stage& stage) {
    const auto loops = static_cast<int>(
        std::count_if(stage.nodes.begin(), stage.nodes.end(), [&](int id) { return g_[id].op->kind == Kind::recur; }));
    const auto write = [&](const char* name, auto body, Grid grid, int rows) {
      DeviceScanKernel kernel(schedule_, stage, buffers_, module_, name);
      (kernel.*body)();
      add(made_.block, kernel.take(), grid, rows);
    };
    if (stage.order == schedule::Order::sequential) {
      write("loops", &DeviceScanKernel::write_loops, Grid::one, loops);
    } else if (schedule::is_scan_stage(g_, stage)) {
      write("scan_summaries", &DeviceScanKernel::write_summaries, Grid::chunks, loops);
      write("scan_carries", &DeviceScanKernel::write_carries, Grid::one, loops);
      write("scan_frames", &DeviceScanKernel::write_frames, Grid::chunks, loops);
    } else {
      write("map", &DeviceScanKernel::write_map, Grid::frames, 1);
    }
  }

  DeviceLowered made_;
  const schedule::Schedule& schedule_;
  const Graph& g_;
  ir::Module& module_;
  DeviceBuffers buffers_;
};

}  // namespace

std::int64_t items_of(Grid grid, std::int64_t frames) {
  switch (grid) {
    case Grid::host: return 0;
    case Grid::frames: return frames;
    case Grid::chunks: return (frames + scan_chunk - 1) / scan_chunk;
    case Grid::one: return 1;
  }
  return 0;
}

DeviceLowered lower_device(const schedule::Schedule& schedule, std::string_view name, int block) {
  return DeviceLowering(schedule, name, block).run();
}

}  // namespace dgen::lower

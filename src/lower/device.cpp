#include "lower/device.h"

#include <algorithm>
#include <set>

#include "base/index.h"
#include "dgen/error.h"
#include "ir/verify.h"
#include "lower/control_kernel.h"
#include "lower/control_rows.h"
#include "lower/device_coupled_loops.h"
#include "lower/device_group_transform.h"
#include "lower/device_host.h"
#include "lower/device_products.h"
#include "lower/device_row_scans.h"
#include "lower/device_scan.h"
#include "lower/device_sums.h"
#include "lower/row_kernel.h"
#include "lower/stacks.h"

namespace dgen::lower {

namespace {

using schedule::DeviceForm;
using schedule::DeviceStage;

void collect_buffers(const ir::Function& kernel, const std::vector<ir::Stmt>& block, std::set<int>& found) {
  for (const ir::Stmt& stmt : block) {
    if (stmt.form == ir::Stmt::Form::store) found.insert(stmt.ref);
    if (stmt.form == ir::Stmt::Form::let) {
      const ir::Instr& instr = kernel.values[at(stmt.value)];
      if (ir::reads_buffer(instr.code)) found.insert(instr.ref);
    }
    collect_buffers(kernel, stmt.body, found);
    collect_buffers(kernel, stmt.otherwise, found);
  }
}

class DeviceLowering {
 public:
  DeviceLowering(const schedule::DeviceSchedule& schedule, std::string_view name, int block)
      : schedule_(schedule), g_(*schedule.control.graph), module_(named(made_.module, schedule, name, block)),
        buffers_(schedule, module_) {}

  DeviceLowered run() {
    write_change();
    add(made_.block, begin_kernel(g_, buffers_, module_), {.grid = Grid::host});
    for (const DeviceStage& stage : schedule_.stages) write_stage(stage);
    add(made_.block, end_kernel(g_, buffers_, module_), {.grid = Grid::host});
    made_.states = buffers_.named;
    divide_buffers();
    for (const auto& [key, from] : buffers_.contents) made_.contents.emplace_back(buffers_.state.at(key), from);
    for (std::size_t c = 0; c < g_.outputs().size(); ++c) {
      if (const auto sum = buffers_.sums.find(g_.outputs()[c].node); sum != buffers_.sums.end())
        made_.sums.push_back(
            {static_cast<int>(c), g_[sum->first].type.shape.elements(), sum->second.total, sum->second.total_rest});
    }
    made_.origins = buffers_.origins;
    made_.input_origin = buffers_.input_origin, made_.output_origin = buffers_.output_origin;
    ir::verify(module_);
    return std::move(made_);
  }

 private:
  static ir::Module& named(ir::Module& module, const schedule::DeviceSchedule& schedule, std::string_view name, int block) {
    const Graph& g = *schedule.control.graph;
    module.name = std::string(name);
    module.inputs = g.inputs();
    module.outputs = host_outputs(g);
    module.sub_block = block;
    module.run = schedule.run;
    return module;
  }

  void add(std::vector<Launch>& list, ir::Function function, Launch launch) {
    if (function.body.empty()) return;
    launch.kernel = static_cast<int>(module_.kernels.size());
    list.push_back(launch);
    module_.kernels.push_back(std::move(function));
  }

  ir::Function control_stage(int number) {
    const schedule::Schedule& control = schedule_.control;
    const schedule::Stage& stage = control.stages[at(number)];
    if (stage.order == schedule::Order::control) return control_kernel(control, number, buffers_, module_);
    if (schedule::runs_in_double(g_, stage)) return write_exact_rows(control, stage, buffers_, module_);
    return write_row_kernel(control, stage, buffers_, module_, "control_rows");
  }

  void write_change() {
    const schedule::Schedule& control = schedule_.control;
    for (std::size_t s = 0; s < control.stages.size(); ++s) {
      add(made_.change, control_stage(static_cast<int>(s)), {.grid = Grid::host});
    }
    add(made_.change, uniforms_kernel(g_, buffers_, module_), {.grid = Grid::host});
    const std::size_t before = module_.kernels.size();
    add_step_kernel(control, buffers_, module_);
    add_stack_kernel(control, buffers_, module_);
    add_limit_kernel(control, buffers_, module_);
    for (std::size_t k = before; k < module_.kernels.size(); ++k)
      made_.change.push_back({.kernel = static_cast<int>(k), .grid = Grid::host});
  }

  /// What the host computes and kernels read are uniforms; what no kernel reads is the host's alone.
  void divide_buffers() {
    std::set<int> host{buffers_.params, buffers_.clock, buffers_.origins}, device;
    host.erase(-1);
    for (const Launch& launch : made_.change) collect(launch, host);
    for (const Launch& launch : made_.block) collect(launch, launch.grid == Grid::host ? host : device);
    for (const int k : host) {
      if (module_.buffers[at(k)].space == ir::Space::constant) continue;
      (device.contains(k) ? made_.uniforms : made_.host_only).push_back(k);
    }
  }

  void collect(const Launch& launch, std::set<int>& found) const {
    const ir::Function& kernel = module_.kernels[at(launch.kernel)];
    collect_buffers(kernel, kernel.body, found);
  }

  template <class Kernel, class Body>
  void write(const DeviceStage& stage, const char* name, Body body, Launch launch) {
    Kernel kernel(schedule_, stage, buffers_, module_, name);
    body(kernel);
    add(made_.block, kernel.take(), launch);
  }

  void write_scans(const DeviceStage& stage, int loops) {
    using Kernel = DeviceScanKernel;
    write<Kernel>(stage, "scan_summaries", [](Kernel& k) { k.write_summaries(); }, {.grid = Grid::chunks, .rows = loops});
    write<Kernel>(stage, "scan_carries", [](Kernel& k) { k.write_carries(); }, {.grid = Grid::one, .rows = loops});
    write<Kernel>(stage, "scan_frames", [](Kernel& k) { k.write_frames(); }, {.grid = Grid::chunks, .rows = loops});
  }

  void write_row_scans(const DeviceStage& stage, int loops) {
    using Kernel = DeviceRowScanKernel;
    const Launch chunks{.grid = Grid::chunks, .rows = loops, .elements = stage.elements};
    const Launch elements{.grid = Grid::one, .rows = loops, .elements = stage.elements};
    write<Kernel>(
        stage, "row_scan_summaries", [](Kernel& k) { k.write_summaries(); }, chunks);
    write<Kernel>(
        stage, "row_scan_carries", [](Kernel& k) { k.write_carries(); }, elements);
    write<Kernel>(
        stage, "row_scan_frames", [](Kernel& k) { k.write_frames(); }, chunks);
  }

  void write_transform(const DeviceStage& stage) {
    using Kernel = DeviceTransformKernel;
    const int fft = stage.nodes.back();
    const std::int64_t transforms = transforms_of_tick(g_, fft);
    if (const auto plan = group_transform(g_, fft, schedule_.group)) {
      return write<DeviceGroupTransformKernel>(
          stage, "group_transform", [](DeviceGroupTransformKernel& k) { k.write(); },
          {.grid = Grid::ticks, .hop = stage.hop, .elements = transforms, .group = plan->group(), .each = plan->transforms});
    }
    const std::vector<std::int64_t> radices = pass_radices(g_[fft].attributes.size);
    for (std::size_t pass = 0; pass < radices.size(); ++pass) {
      const std::int64_t items = transforms * g_[fft].attributes.size / radices[pass];
      write<Kernel>(stage, "transform", [pass](Kernel& k) { k.write_pass(pass); },
                    {.grid = Grid::ticks, .hop = stage.hop, .elements = items});
    }
  }

  void write_stage(const DeviceStage& stage) {
    const auto loops = static_cast<int>(
        std::count_if(stage.nodes.begin(), stage.nodes.end(), [&](int id) { return g_[id].op->kind == Kind::recur; }));
    const Launch elements{.grid = Grid::ticks, .hop = stage.hop, .elements = stage.elements};
    switch (stage.form) {
      case DeviceForm::rows:
        return write<DeviceKernel>(
            stage, stage.hop == 1 && stage.elements == 1 ? "map" : "rows", [](DeviceKernel& k) { k.write_rows(); }, elements);
      case DeviceForm::lines:
        return write<DeviceKernel>(
            stage, "lines", [](DeviceKernel& k) { k.write_lines(); }, elements);
      case DeviceForm::parts:
        return write<DeviceKernel>(
            stage, "parts", [](DeviceKernel& k) { k.write_parts(); }, elements);
      case DeviceForm::transform: return write_transform(stage);
      case DeviceForm::product: {
        const schedule::Product product = *schedule::tiled_product(g_, stage.nodes.back(), schedule_.group);
        return write<DeviceProductKernel>(
            stage, "product", [](DeviceProductKernel& k) { k.write(); }, DeviceProductKernel::launch(product, stage.hop));
      }
      case DeviceForm::scans: return write_scans(stage, loops);
      case DeviceForm::loops:
        return write<DeviceKernel>(stage, "loops", [](DeviceKernel& k) { k.write_loops(); }, {.grid = Grid::one, .rows = loops});
      case DeviceForm::row_loops:
        return write<DeviceKernel>(stage, "row_loops", [](DeviceKernel& k) { k.write_row_loops(); },
                                   {.grid = Grid::one, .rows = loops, .elements = stage.elements});
      case DeviceForm::row_scans: return write_row_scans(stage, loops);
      case DeviceForm::coupled:
        return write<DeviceCoupledKernel>(stage, "coupled_loops", [](DeviceCoupledKernel& k) { k.write(); },
                                          {.grid = Grid::one, .rows = loops, .elements = stage.elements});
      case DeviceForm::sums: break;
    }
    const auto rows = static_cast<int>(stage.nodes.size());
    write<DeviceSumKernel>(stage, "sum_chunks", [](DeviceSumKernel& k) { k.write_chunks(); },
                           {.grid = Grid::tick_chunks, .rows = rows, .hop = stage.hop, .elements = stage.elements});
    write<DeviceSumKernel>(stage, "sum_totals", [](DeviceSumKernel& k) { k.write_totals(); },
                           {.grid = Grid::one, .rows = rows, .elements = stage.elements * sum_lanes(stage.elements)});
  }

  DeviceLowered made_;
  const schedule::DeviceSchedule& schedule_;
  const Graph& g_;
  ir::Module& module_;
  DeviceBuffers buffers_;
};

/// Elements of a frame, at most, that lie in memory for all frames of a block.
std::int64_t widest_row(const Graph& g) {
  std::int64_t widest = 1;
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    if (!moves(node.type)) continue;
    std::int64_t elements = node.type.shape.elements();
    if (node.op->kind == Kind::fft) elements = std::max(elements, g[node.inputs[0]].type.shape.elements());
    if (node.op->kind == Kind::contract) elements *= schedule::parts_of_sum(g, id);
    widest = std::max(widest, elements / schedule::device_hop(node.type));
  }
  return widest;
}

std::int64_t units_of(const Launch& launch, std::int64_t frames, std::int64_t position) {
  switch (launch.grid) {
    case Grid::host: return 0;
    case Grid::ticks: return ticks_of(launch.hop, frames, position);
    case Grid::chunks: return (frames + scan_chunk - 1) / scan_chunk;
    case Grid::tick_chunks: return (ticks_of(launch.hop, frames, position) + sum_chunk - 1) / sum_chunk;
    case Grid::one: return 1;
  }
  return 0;
}

}  // namespace

std::int64_t ticks_of(std::int32_t hop, std::int64_t frames, std::int64_t from) {
  const auto before = [hop](std::int64_t frame) { return (frame + hop - 1) / hop; };
  return before(from + frames) - before(from);
}

std::int64_t items_of(const Launch& launch, std::int64_t frames, std::int64_t position) {
  const std::int64_t elements = units_of(launch, frames, position) * launch.elements;
  return launch.group == 0 ? elements : (elements + launch.each - 1) / launch.each * launch.group;
}

std::int64_t group_bytes(const ir::Module& module, const ir::Function& kernel) {
  std::set<int> touched;
  collect_buffers(kernel, kernel.body, touched);
  std::int64_t bytes = 0;
  for (const int k : touched) {
    const ir::Buffer& buffer = module.buffers[at(k)];
    if (buffer.space == ir::Space::group) bytes += buffer.size * ir::bytes(buffer.scalar);
  }
  return bytes;
}

DeviceLowered lower_device(const schedule::DeviceSchedule& schedule, std::string_view name, int block) {
  constexpr std::int64_t most = std::int64_t{1} << 30;  // elements of a block
  const std::int64_t widest = widest_row(*schedule.control.graph);
  while (block > scan_chunk && block > most / widest) block /= 2;
  return DeviceLowering(schedule, name, block).run();
}

}  // namespace dgen::lower

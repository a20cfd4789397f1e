#include "runtime/backends.h"

#include <algorithm>
#include <cstdlib>

#include "dgen/error.h"
#include "engine/cuda.h"
#include "engine/metal.h"
#include "engine/opencl.h"
#include "runtime/compile_cpu.h"
#include "runtime/cpu_executor.h"
#include "runtime/device_executor.h"
#include "runtime/device_program.h"
#include "runtime/device_segment_data.h"
#include "runtime/interpreter_executor.h"
#include "runtime/segment_data.h"

namespace dgen::runtime {

namespace {

std::vector<DeviceInfo> opencl_list() {
  std::vector<DeviceInfo> found;
  for (const engine::OpenClDevice& one : engine::opencl_devices()) {
    found.push_back(
        {.backend = Backend::opencl, .name = one.name, .driver = one.platform, .why_not = one.why_not, .gpu = one.is_gpu});
  }
  return found;
}

std::vector<DeviceInfo> cuda_list() {
  std::vector<DeviceInfo> found;
  for (const engine::CudaDevice& one : engine::cuda_devices())
    found.push_back({.backend = Backend::cuda, .name = one.name, .driver = one.driver, .why_not = one.why_not, .gpu = true});
  return found;
}

std::vector<DeviceInfo> metal_list() {
  std::vector<DeviceInfo> found;
  for (const std::string& name : engine::metal_devices())
    found.push_back({.backend = Backend::metal, .name = name, .driver = "Metal", .gpu = true});
  return found;
}

template <Backend backend>
std::vector<Program> compile_device(Graphs graphs, Names names, const CompileOptions&) {
  return compile_for_device(backend, graphs, names);
}

constexpr BackendDef device(BackendInfo info, decltype(BackendDef::compile) compile, decltype(BackendDef::dialect) dialect,
                            decltype(BackendDef::build) build, decltype(BackendDef::devices) devices,
                            decltype(BackendDef::group) group) {
  return {.info = info,
          .compile = compile,
          .compile_segments = compile_device_segments,
          .run = make_device_executor,
          .run_segment = make_device_segment,
          .dialect = dialect,
          .build = build,
          .devices = devices,
          .group = group};
}

constexpr BackendDef table[] = {
    {.info = {Backend::cpu, "cpu", "compiled C"},
     .compile = compile_for_cpu,
     .compile_segments = compile_cpu_segments,
     .run = make_cpu_executor,
     .run_segment = make_cpu_segment},
    {.info = {Backend::interpreter, "interpreter", "slow, exact, needs no compiler"},
     .compile = interpret_programs,
     .compile_segments = interpret_segments,
     .run = make_interpreter_executor,
     .run_segment = make_interpreter_segment,
     .gives_rows = true},
    device({Backend::cuda, "cuda", "a GPU of NVIDIA's"}, compile_device<Backend::cuda>, render::cuda_dialect, engine::build_cuda,
           cuda_list, engine::cuda_group),
    device({Backend::metal, "metal", "a GPU of Apple's systems"}, compile_device<Backend::metal>, render::metal_dialect,
           engine::build_metal, metal_list, engine::metal_group),
    device({Backend::opencl, "opencl", "whatever has an OpenCL driver"}, compile_device<Backend::opencl>, render::opencl_dialect,
           engine::build_opencl, opencl_list, engine::opencl_group),
};

constexpr BackendInfo automatic{Backend::automatic, "auto", "a GPU where there is one and the patch gains by it, else the CPU"};

}  // namespace

std::span<const BackendDef> backend_table() { return table; }

const BackendDef& def_of(Backend backend) {
  const auto found = std::ranges::find_if(table, [&](const BackendDef& one) { return one.info.backend == backend; });
  check(found != std::end(table), "the table holds every back end that runs programs");
  return *found;
}

namespace {

ir::GroupLimits device_group(const BackendDef& def) {
  try {
    return def.group();
  } catch (const Error&) {
    return ir::usual_group;  // nothing runs; kernels are still shown
  }
}

}  // namespace

ir::GroupLimits group_limits(Backend backend) {
  ir::GroupLimits made = device_group(def_of(backend));
  if (const char* bytes = std::getenv("DGEN_GROUP_MEMORY"); bytes && *bytes)
    made = {.items = ir::usual_group.items, .bytes = std::atoll(bytes)};
  if (made.bytes <= 0 || made.items <= 0) return {};
  return {.items = std::min(made.items, ir::usual_group.items), .bytes = std::min(made.bytes, ir::usual_group.bytes)};
}

}  // namespace dgen::runtime

namespace dgen {

const char* to_string(Backend backend) {
  for (const BackendInfo& one : backends()) {
    if (one.backend == backend) return one.name;
  }
  return "?";
}

std::span<const BackendInfo> backends() {
  static const std::vector<BackendInfo> all = [] {
    std::vector<BackendInfo> made{runtime::automatic};
    for (const runtime::BackendDef& one : runtime::backend_table()) made.push_back(one.info);
    return made;
  }();
  return all;
}

std::vector<DeviceInfo> devices() {
  std::vector<DeviceInfo> found;
  for (const runtime::BackendDef& one : runtime::backend_table()) {
    if (!one.is_device()) continue;
    const Backend backend = one.info.backend;
    try {
      const std::vector<DeviceInfo> its = one.devices();
      found.insert(found.end(), its.begin(), its.end());
      if (its.empty()) found.push_back({.backend = backend, .why_not = "its drivers have no device"});
    } catch (const Error& e) {
      found.push_back({.backend = backend, .why_not = e.what()});
    }
  }
  return found;
}

}  // namespace dgen

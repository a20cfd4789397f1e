#include "support/devices.h"

#include "device/shim.h"
#include "engine/cuda.h"
#include "engine/cuda_api.h"
#include "runtime/backends.h"

namespace device_suite {

namespace {

/// Why the first device of a back end will not do; empty where it will.
std::string why_not(Backend backend) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  if (backend == Backend::opencl) return "drivers of OpenCL and their compilers are not built for sanitizers; the shim is";
#endif
  for (const DeviceInfo& one : devices()) {
    if (one.backend == backend) return one.why_not;
  }
  return "not listed";
}

Device real(const char* name, Backend backend, unsigned part) {
  const runtime::BackendDef& engine = runtime::def_of(backend);
  return {.name = name,
          .backend = backend,
          .dialect = &engine.dialect(),
          .build = engine.build,
          .why_not = why_not(backend),
          .part = part};
}

bool has_nvrtc() {
  try {
    engine::cuda::compiler();
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// Where NVRTC is, the text must pass it as well: every text where all cases are asked for, which takes it long.
std::shared_ptr<const engine::DeviceCode> build_cuda_text(const std::string& text) {
  static const bool compiles = has_nvrtc();
  if (compiles && (Device::runs_all() || text.size() < 100'000)) {
    EXPECT_NE(engine::compile_cuda(text, 90).find(".visible .entry"), std::string::npos);
  }
  return device_shim::build(device_shim::cuda, text, device_shim::launch_cuda, true);
}

std::shared_ptr<const engine::DeviceCode> build_metal_text(const std::string& text) {
  return device_shim::build(device_shim::metal, text, device_shim::launch_metal);
}

}  // namespace

const std::vector<Device>& every_device() {
  static const std::vector<Device> all = [] {
    setenv("DGEN_OPENCL_OPTIONS", "-cl-opt-disable", 0);  // PoCL optimises for seconds; what is tested are our kernels
    return std::vector<Device>{
        real("OpenCl", Backend::opencl, 8),
        real("Cuda", Backend::cuda, 1),
        real("Metal", Backend::metal, 1),
        {.name = "CudaOnShim", .backend = Backend::cuda, .dialect = &render::cuda_dialect(), .build = build_cuda_text},
        {.name = "MetalOnShim", .backend = Backend::metal, .dialect = &render::metal_dialect(), .build = build_metal_text}};
  }();
  return all;
}

}  // namespace device_suite

#include "engine/cuda_api.h"

#include <cstdlib>

#include "base/dynlib.h"
#include "dgen/error.h"

namespace dgen::engine::cuda {

namespace {

constexpr const char* driver_file = "libcuda.so.1";
constexpr const char* driver_advice = "; install NVIDIA's driver, which brings it";
constexpr const char* compiler_advice =
    "; install NVRTC (of the CUDA toolkit, or by pip: nvidia-cuda-nvrtc-cu12), or name it in DGEN_NVRTC=FILE";
constexpr const char* compiler_files[] = {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"};

template <class Function>
void load(const base::DynamicLibrary& library, Function*& function, const char* name) {
  function = reinterpret_cast<Function*>(library.symbol(name));
  if (!function)
    throw Error(ErrorCode::backend_unavailable, std::string("no CUDA: its library has no ") + name + "; it is too old");
}

Driver load_driver(const base::DynamicLibrary& from) {
  Driver driver{};
  load(from, driver.Init, "cuInit");
  load(from, driver.GetErrorName, "cuGetErrorName");
  load(from, driver.GetErrorString, "cuGetErrorString");
  load(from, driver.DriverGetVersion, "cuDriverGetVersion");
  load(from, driver.DeviceGetCount, "cuDeviceGetCount");
  load(from, driver.DeviceGet, "cuDeviceGet");
  load(from, driver.DeviceGetName, "cuDeviceGetName");
  load(from, driver.DeviceGetAttribute, "cuDeviceGetAttribute");
  load(from, driver.DevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain");
  load(from, driver.DevicePrimaryCtxRelease, "cuDevicePrimaryCtxRelease_v2");
  load(from, driver.CtxPushCurrent, "cuCtxPushCurrent_v2");
  load(from, driver.CtxPopCurrent, "cuCtxPopCurrent_v2");
  load(from, driver.ModuleLoadData, "cuModuleLoadData");
  load(from, driver.ModuleUnload, "cuModuleUnload");
  load(from, driver.ModuleGetFunction, "cuModuleGetFunction");
  load(from, driver.MemAlloc, "cuMemAlloc_v2");
  load(from, driver.MemFree, "cuMemFree_v2");
  load(from, driver.StreamCreate, "cuStreamCreate");
  load(from, driver.StreamDestroy, "cuStreamDestroy_v2");
  load(from, driver.StreamSynchronize, "cuStreamSynchronize");
  load(from, driver.MemcpyHtoDAsync, "cuMemcpyHtoDAsync_v2");
  load(from, driver.MemcpyDtoHAsync, "cuMemcpyDtoHAsync_v2");
  load(from, driver.MemsetD8Async, "cuMemsetD8Async");
  load(from, driver.LaunchKernel, "cuLaunchKernel");
  return driver;
}

Compiler load_compiler(const base::DynamicLibrary& from) {
  Compiler compiler{};
  load(from, compiler.GetErrorString, "nvrtcGetErrorString");
  load(from, compiler.Version, "nvrtcVersion");
  load(from, compiler.GetNumSupportedArchs, "nvrtcGetNumSupportedArchs");
  load(from, compiler.GetSupportedArchs, "nvrtcGetSupportedArchs");
  load(from, compiler.CreateProgram, "nvrtcCreateProgram");
  load(from, compiler.DestroyProgram, "nvrtcDestroyProgram");
  load(from, compiler.CompileProgram, "nvrtcCompileProgram");
  load(from, compiler.GetPTXSize, "nvrtcGetPTXSize");
  load(from, compiler.GetPTX, "nvrtcGetPTX");
  load(from, compiler.GetProgramLogSize, "nvrtcGetProgramLogSize");
  load(from, compiler.GetProgramLog, "nvrtcGetProgramLog");
  return compiler;
}

const base::DynamicLibrary* open_driver() {
  try {
    return new base::DynamicLibrary(driver_file);
  } catch (const Error& e) {
    throw Error(ErrorCode::backend_unavailable, std::string("no CUDA: ") + e.what() + driver_advice);
  }
}

const base::DynamicLibrary* open_compiler() {
  std::string reasons;
  const auto open = [&](const char* file) -> const base::DynamicLibrary* {
    try {
      return new base::DynamicLibrary(file);
    } catch (const Error& e) {
      reasons += (reasons.empty() ? "" : "; ") + std::string(e.what());
      return nullptr;
    }
  };
  if (const char* named = std::getenv("DGEN_NVRTC"); named && *named) {
    if (const base::DynamicLibrary* opened = open(named)) return opened;
    throw Error(ErrorCode::backend_unavailable, "DGEN_NVRTC: " + reasons);
  }
  for (const char* file : compiler_files) {
    if (const base::DynamicLibrary* opened = open(file)) return opened;
  }
  throw Error(ErrorCode::backend_unavailable, "no CUDA: " + reasons + compiler_advice);
}

Driver start_driver() {
  static const base::DynamicLibrary& library = *open_driver();  // not closed: see the header
  const Driver driver = load_driver(library);
  const int error = driver.Init(0);
  const char* text = nullptr;
  if (error != success && (driver.GetErrorString(error, &text) != success || !text)) text = "its error is unknown";
  if (error != success) {
    throw Error(ErrorCode::backend_unavailable,
                "no CUDA: the driver does not start, error " + std::to_string(error) + ": " + text);
  }
  return driver;
}

}  // namespace

const Driver& driver() {
  static const Driver started = start_driver();
  return started;
}

const Compiler& compiler() {
  static const base::DynamicLibrary& library = *open_compiler();  // not closed: it may have threads of its own
  static const Compiler loaded = load_compiler(library);
  return loaded;
}

std::string to_string_of(int error) {
  const char *name = nullptr, *text = nullptr;
  if (driver().GetErrorName(error, &name) != success || !name) return "error " + std::to_string(error);
  if (driver().GetErrorString(error, &text) != success || !text) return name;
  return std::string(name) + " (" + text + ")";
}

void check_driver(int error, const std::string& what) {
  if (error == success) return;
  throw Error(ErrorCode::backend_unavailable, "CUDA: " + what + " failed: " + to_string_of(error));
}

}  // namespace dgen::engine::cuda

#include "engine/cuda_api.h"

#include <cstdlib>

#include "dgen/error.h"
#include "engine/driver_symbols.h"
#include "engine/trouble.h"

namespace dgen::engine::cuda {

namespace {

constexpr const char* driver_files[] = {"libcuda.so.1"};
constexpr const char* driver_advice = "; install NVIDIA's driver, which brings it";
constexpr const char* compiler_advice =
    "; install NVRTC (of the CUDA toolkit, or by pip: nvidia-cuda-nvrtc-cu12), or name it in DGEN_NVRTC=FILE";
constexpr const char* compiler_files[] = {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"};

constexpr const char* complaint = "no CUDA: its library has no $; it is too old";

Driver load_driver(const base::DynamicLibrary& from) {
  const DriverSymbols load(from, complaint);
  Driver driver{};
  load(driver.Init, "cuInit");
  load(driver.GetErrorName, "cuGetErrorName");
  load(driver.GetErrorString, "cuGetErrorString");
  load(driver.DriverGetVersion, "cuDriverGetVersion");
  load(driver.DeviceGetCount, "cuDeviceGetCount");
  load(driver.DeviceGet, "cuDeviceGet");
  load(driver.DeviceGetName, "cuDeviceGetName");
  load(driver.DeviceGetAttribute, "cuDeviceGetAttribute");
  load(driver.DevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain");
  load(driver.DevicePrimaryCtxRelease, "cuDevicePrimaryCtxRelease_v2");
  load(driver.CtxPushCurrent, "cuCtxPushCurrent_v2");
  load(driver.CtxPopCurrent, "cuCtxPopCurrent_v2");
  load(driver.ModuleLoadData, "cuModuleLoadData");
  load(driver.ModuleUnload, "cuModuleUnload");
  load(driver.ModuleGetFunction, "cuModuleGetFunction");
  load(driver.FuncGetAttribute, "cuFuncGetAttribute");
  load(driver.MemAlloc, "cuMemAlloc_v2");
  load(driver.MemFree, "cuMemFree_v2");
  load(driver.StreamCreate, "cuStreamCreate");
  load(driver.StreamDestroy, "cuStreamDestroy_v2");
  load(driver.StreamSynchronize, "cuStreamSynchronize");
  load(driver.MemcpyHtoDAsync, "cuMemcpyHtoDAsync_v2");
  load(driver.MemcpyDtoHAsync, "cuMemcpyDtoHAsync_v2");
  load(driver.MemsetD8Async, "cuMemsetD8Async");
  load(driver.LaunchKernel, "cuLaunchKernel");
  return driver;
}

Compiler load_compiler(const base::DynamicLibrary& from) {
  const DriverSymbols load(from, complaint);
  Compiler compiler{};
  load(compiler.GetErrorString, "nvrtcGetErrorString");
  load(compiler.Version, "nvrtcVersion");
  load(compiler.GetNumSupportedArchs, "nvrtcGetNumSupportedArchs");
  load(compiler.GetSupportedArchs, "nvrtcGetSupportedArchs");
  load(compiler.CreateProgram, "nvrtcCreateProgram");
  load(compiler.DestroyProgram, "nvrtcDestroyProgram");
  load(compiler.CompileProgram, "nvrtcCompileProgram");
  load(compiler.GetPTXSize, "nvrtcGetPTXSize");
  load(compiler.GetPTX, "nvrtcGetPTX");
  load(compiler.GetProgramLogSize, "nvrtcGetProgramLogSize");
  load(compiler.GetProgramLog, "nvrtcGetProgramLog");
  return compiler;
}

std::unique_ptr<const base::DynamicLibrary> open_compiler() {
  const char* const named = std::getenv("DGEN_NVRTC");
  if (named && *named) return open_driver(std::span(&named, 1), "DGEN_NVRTC: ", "");
  return open_driver(compiler_files, "no CUDA: ", compiler_advice);
}

Driver start_driver() {
  static const base::DynamicLibrary& library =
      *open_driver(driver_files, "no CUDA: ", driver_advice).release();  // not closed: see the header
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
  static const base::DynamicLibrary& library = *open_compiler().release();  // not closed: it may have threads of its own
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
  const std::string text = "CUDA: " + what + " failed: " + to_string_of(error);
  if (error == out_of_memory) throw Error(ErrorCode::limit_exceeded, text + advice_of(Trouble::memory_short));
  throw Error(ErrorCode::backend_unavailable, text + advice_of(Trouble::device_lost));
}

}  // namespace dgen::engine::cuda

// Stands for NVIDIA's driver (libcuda) and compiler (NVRTC) where there is no GPU, so that the engine's host code runs: "PTX" is
// the source, which the host's compiler builds behind a shim, and memory of the device is memory of the host.
// $FAKE_CUDA_LOST=N: launch number N fails and all calls behind it, as when a device is lost. $FAKE_CUDA_FAIL=WHAT:N: call number
// N of a kind fails: alloc (out of memory), module (the driver refuses the kernels), compile (NVRTC does, with a log), launch and
// copy (the device is lost). $FAKE_CUDA_GROUP=N: threads that a block of any kernel may have. fake_cuda_reset() counts from 0
// again and brings the device back.

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "device/shim.h"

namespace {

constexpr int not_initialised = 3, out_of_memory = 2, invalid_value = 1, launch_failed = 719, not_found = 500;
constexpr std::size_t memory_of_the_device = std::size_t{1} << 33;

struct Kernel {
  void* code = nullptr;
  device_shim::Runner* runner = nullptr;
};
struct LoadedModule {
  explicit LoadedModule(void* loaded) : library(loaded), runner([loaded](const char* name) { return dlsym(loaded, name); }) {}
  void* library = nullptr;
  device_shim::Runner runner;
  std::deque<Kernel> kernels{};
};
struct Compilation {
  std::string source, log;
};

bool initialised = false, lost = false;
int contexts_pushed = 0;
int context = 0, stream = 0;  // their addresses are handles

/// What a call in a context returns before it does anything.
int refusal() {
  if (!initialised) return not_initialised;
  if (lost) return launch_failed;
  return contexts_pushed > 0 ? 0 : 201;  // CUDA_ERROR_INVALID_CONTEXT
}

bool is_lost_at(int launch) {
  const char* at = std::getenv("FAKE_CUDA_LOST");
  return at && launch >= std::atoi(at);
}

std::map<std::string, int> calls;
int launches = 0;

/// Whether this call is the one of its kind that is to fail.
bool fails(const std::string& kind) {
  const int number = ++calls[kind];
  const char* asked = std::getenv("FAKE_CUDA_FAIL");
  return asked && asked == kind + ":" + std::to_string(number);
}

/// The same of a call that takes the device with it.
int refusal_of(const std::string& kind) {
  if (fails(kind)) lost = true;
  return refusal();
}

/// A library of `ptx`, or null where the host's compiler refuses it. Of equal text one: it stays loaded.
void* build(const std::string& ptx) {
  static std::map<std::string, void*> built;
  if (const auto known = built.find(ptx); known != built.end()) return known->second;
  const TemporaryFolder folder;
  const std::string source = folder / "kernels.cpp", library = folder / "kernels.so";
  spill(source, std::string(device_shim::cuda) + device_shim::mathematics + ptx + device_shim::launch_cuda);
  const std::string command =
      "c++ -std=c++20 -O1 -fno-math-errno -fno-trapping-math -w -fPIC -shared " + source + " -o " + library;
  if (std::system(command.c_str()) != 0) return nullptr;
  return built[ptx] = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
}

std::byte* host(unsigned long long address) { return reinterpret_cast<std::byte*>(address); }

}  // namespace

extern "C" {

void fake_cuda_reset() {
  calls.clear();
  launches = 0;
  lost = false;
}

int cuInit(unsigned) {
  initialised = true;
  return std::getenv("FAKE_CUDA_NO_DEVICE") ? 100 : 0;
}
int cuGetErrorName(int error, const char** name) {
  *name = error == launch_failed ? "CUDA_ERROR_LAUNCH_FAILED" : "CUDA_ERROR_OF_THE_FAKE";
  return 0;
}
int cuGetErrorString(int error, const char** text) {
  *text = error == 100 ? "no CUDA-capable device is detected" : error == out_of_memory ? "out of memory" : "it failed";
  return 0;
}
int cuDriverGetVersion(int* version) { return *version = 12040, 0; }
int cuDeviceGetCount(int* count) { return *count = 2, 0; }
int cuDeviceGet(int* device, int ordinal) { return *device = ordinal, 0; }
int cuDeviceGetName(char* name, int size, int device) {
  std::snprintf(name, static_cast<std::size_t>(size), "Fake GPU %d", device);
  return 0;
}
int cuDeviceGetAttribute(int* value, int attribute, int) {
  static const std::map<int, int> values{{1, 1024}, {8, 48 << 10}, {75, 9}};  // threads and memory of a block; compute capability
  const auto known = values.find(attribute);
  return *value = known == values.end() ? 0 : known->second, 0;
}
int cuDevicePrimaryCtxRetain(void** made, int) { return *made = &context, 0; }
int cuDevicePrimaryCtxRelease_v2(int) { return 0; }
int cuCtxPushCurrent_v2(void* pushed) { return pushed == &context ? (++contexts_pushed, 0) : invalid_value; }
int cuCtxPopCurrent_v2(void** popped) { return *popped = &context, --contexts_pushed >= 0 ? 0 : invalid_value; }

int cuModuleLoadData(void** module, const void* ptx) {
  if (const int error = refusal()) return error;
  if (fails("module")) return 209;  // CUDA_ERROR_NO_BINARY_FOR_GPU
  void* const library = build(static_cast<const char*>(ptx));
  if (!library) return 218;  // CUDA_ERROR_INVALID_PTX
  *module = new LoadedModule(library);
  return 0;
}
int cuModuleUnload(void* module) { return delete static_cast<LoadedModule*>(module), 0; }
int cuModuleGetFunction(void** function, void* module, const char* name) {
  auto& loaded = *static_cast<LoadedModule*>(module);
  void* const code = dlsym(loaded.library, name);
  if (!code) return not_found;
  loaded.kernels.push_back({code, &loaded.runner});
  *function = &loaded.kernels.back();
  return 0;
}

int cuFuncGetAttribute(int* value, int, void*) {
  const char* const asked = std::getenv("FAKE_CUDA_GROUP");
  return *value = asked ? std::atoi(asked) : 1024, 0;
}

int cuMemAlloc_v2(unsigned long long* address, std::size_t bytes) {
  if (const int error = refusal()) return error;
  if (fails("alloc")) return out_of_memory;
  if (bytes == 0 || bytes > memory_of_the_device) return bytes == 0 ? invalid_value : out_of_memory;
  *address = reinterpret_cast<unsigned long long>(std::aligned_alloc(256, (bytes + 255) / 256 * 256));
  return 0;
}
int cuMemFree_v2(unsigned long long address) { return std::free(host(address)), 0; }
int cuStreamCreate(void** made, unsigned) { return *made = &stream, refusal(); }
int cuStreamDestroy_v2(void*) { return 0; }
int cuStreamSynchronize(void*) { return refusal(); }
int cuMemcpyHtoDAsync_v2(unsigned long long to, const void* from, std::size_t bytes, void*) {
  const int error = refusal_of("copy");
  if (!error) std::memcpy(host(to), from, bytes);
  return error;
}
int cuMemcpyDtoHAsync_v2(void* to, unsigned long long from, std::size_t bytes, void*) {
  const int error = refusal_of("copy");
  if (!error) std::memcpy(to, host(from), bytes);
  return error;
}
int cuMemsetD8Async(unsigned long long to, unsigned char value, std::size_t bytes, void*) {
  const int error = refusal();
  if (!error) std::memset(host(to), value, bytes);
  return error;
}
int cuLaunchKernel(void* function, unsigned groups, unsigned rows, unsigned, unsigned group, unsigned, unsigned, unsigned, void*,
                   void** arguments, void**) {
  if (is_lost_at(++launches)) lost = true;
  if (const int error = refusal_of("launch")) return error;
  if (groups == 0 || rows == 0 || rows > 65535 || group == 0 || group > 1024) return invalid_value;
  const int items = *static_cast<int*>(arguments[3]);
  if (groups != (static_cast<unsigned>(items) + group - 1) / group) return invalid_value;
  const auto& kernel = *static_cast<Kernel*>(function);
  kernel.runner->launch(kernel.code, host(*static_cast<unsigned long long*>(arguments[0])), *static_cast<int*>(arguments[1]),
                        *static_cast<std::int64_t*>(arguments[2]), items, static_cast<int>(rows), static_cast<int>(group));
  return 0;
}

const char* nvrtcGetErrorString(int error) { return error ? "NVRTC_ERROR_COMPILATION" : "NVRTC_SUCCESS"; }
int nvrtcVersion(int* major, int* minor) { return *major = 12, *minor = 4, 0; }
int nvrtcGetNumSupportedArchs(int* count) { return *count = 3, 0; }
int nvrtcGetSupportedArchs(int* archs) { return archs[0] = 50, archs[1] = 90, archs[2] = 100, 0; }
int nvrtcCreateProgram(void** made, const char* source, const char*, int, const char* const*, const char* const*) {
  *made = new Compilation{source, {}};
  return 0;
}
int nvrtcDestroyProgram(void** program) { return delete static_cast<Compilation*>(*program), *program = nullptr, 0; }
int nvrtcCompileProgram(void* program, int count, const char* const* options) {
  auto& compilation = *static_cast<Compilation*>(program);
  for (int k = 0; k < count; ++k) compilation.log += std::string(options[k]) + " ";
  if (fails("compile")) return compilation.log += "error: too many registers", 6;
  if (compilation.source.find("no_such_type") == std::string::npos) return 0;
  compilation.log += "error: no_such_type";
  return 6;
}
int nvrtcGetPTXSize(void* program, std::size_t* size) { return *size = static_cast<Compilation*>(program)->source.size() + 1, 0; }
int nvrtcGetPTX(void* program, char* ptx) { return std::strcpy(ptx, static_cast<Compilation*>(program)->source.c_str()), 0; }
int nvrtcGetProgramLogSize(void* program, std::size_t* size) {
  return *size = static_cast<Compilation*>(program)->log.size() + 1, 0;
}
int nvrtcGetProgramLog(void* program, char* log) { return std::strcpy(log, static_cast<Compilation*>(program)->log.c_str()), 0; }
}

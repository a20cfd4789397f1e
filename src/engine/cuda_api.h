#pragma once
// The parts of CUDA's driver API and of NVRTC that are used, declared as their references say, and loaded at run time: no build
// needs them.

#include <cstddef>
#include <cstdint>
#include <string>

namespace dgen::engine::cuda {

using Device = int;
using Address = unsigned long long;
using Context = struct ContextTag*;
using Module = struct ModuleTag*;
using Function = struct FunctionTag*;
using Stream = struct StreamTag*;
using Compilation = struct CompilationTag*;

// Values of cuda.h and nvrtc.h. Source: CUDA Driver API and NVRTC reference manuals, NVIDIA, 12.4.
inline constexpr int success = 0;
inline constexpr int out_of_memory = 2;
inline constexpr int most_threads_of_block = 1, most_shared_memory_of_block = 8;
inline constexpr int compute_capability_major = 75, compute_capability_minor = 76;
inline constexpr int most_threads_of_function = 0;
inline constexpr unsigned stream_non_blocking = 1;

/// Functions of the driver by their names without "cu"; of those that have versions, the second.
struct Driver {
  int (*Init)(unsigned);
  int (*GetErrorName)(int, const char**);
  int (*GetErrorString)(int, const char**);
  int (*DriverGetVersion)(int*);
  int (*DeviceGetCount)(int*);
  int (*DeviceGet)(Device*, int);
  int (*DeviceGetName)(char*, int, Device);
  int (*DeviceGetAttribute)(int*, int, Device);
  int (*DevicePrimaryCtxRetain)(Context*, Device);
  int (*DevicePrimaryCtxRelease)(Device);
  int (*CtxPushCurrent)(Context);
  int (*CtxPopCurrent)(Context*);
  int (*ModuleLoadData)(Module*, const void*);
  int (*ModuleUnload)(Module);
  int (*ModuleGetFunction)(Function*, Module, const char*);
  int (*FuncGetAttribute)(int*, int, Function);
  int (*MemAlloc)(Address*, std::size_t);
  int (*MemFree)(Address);
  int (*StreamCreate)(Stream*, unsigned);
  int (*StreamDestroy)(Stream);
  int (*StreamSynchronize)(Stream);
  int (*MemcpyHtoDAsync)(Address, const void*, std::size_t, Stream);
  int (*MemcpyDtoHAsync)(void*, Address, std::size_t, Stream);
  int (*MemsetD8Async)(Address, unsigned char, std::size_t, Stream);
  int (*LaunchKernel)(Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Stream, void**, void**);
};

/// Functions of NVRTC by their names without "nvrtc".
struct Compiler {
  const char* (*GetErrorString)(int);
  int (*Version)(int*, int*);
  int (*GetNumSupportedArchs)(int*);
  int (*GetSupportedArchs)(int*);
  int (*CreateProgram)(Compilation*, const char*, const char*, int, const char* const*, const char* const*);
  int (*DestroyProgram)(Compilation*);
  int (*CompileProgram)(Compilation, int, const char* const*);
  int (*GetPTXSize)(Compilation, std::size_t*);
  int (*GetPTX)(Compilation, char*);
  int (*GetProgramLogSize)(Compilation, std::size_t*);
  int (*GetProgramLog)(Compilation, char*);
};

/// The driver of this machine's NVIDIA GPUs, initialised; it stays loaded.
/// Throws `Error` backend_unavailable where there is none, or no GPU: what the driver said, and what to install.
const Driver& driver();

/// NVRTC: $DGEN_NVRTC where that names a library, else the newest that the loader of libraries finds; it stays loaded.
/// Throws `Error` backend_unavailable where there is none: what to install.
const Compiler& compiler();

/// Throws `Error` backend_unavailable (limit_exceeded where memory is short), naming `what` was done and what to do, unless
/// `error` is the driver's success.
void check_driver(int error, const std::string& what);

/// "CUDA_ERROR_OUT_OF_MEMORY (out of memory)", for a result of the driver.
std::string to_string_of(int error);

}  // namespace dgen::engine::cuda

#pragma once
// The part of OpenCL 1.2 that is used, declared as its specification says, and loaded at run time: no build needs it.

#include <cstddef>
#include <cstdint>
#include <string>

namespace dgen::engine::cl {

using Int = std::int32_t;
using Uint = std::uint32_t;
using Ulong = std::uint64_t;
using Platform = struct PlatformTag*;
using Device = struct DeviceTag*;
using Context = struct ContextTag*;
using Queue = struct QueueTag*;
using Program = struct ProgramTag*;
using Kernel = struct KernelTag*;
using Memory = struct MemoryTag*;
using Event = struct EventTag*;

// Values of cl.h. Source: The OpenCL Specification 1.2, Khronos 2012.
inline constexpr Int success = 0;
inline constexpr Ulong every_device_type = 0xffffffff, type_cpu = 2, type_gpu = 4, type_accelerator = 8;
inline constexpr Uint platform_name = 0x0902;
inline constexpr Uint device_type = 0x1000, device_max_group = 0x1004, device_max_memory = 0x1010, device_single_config = 0x101b,
                      device_available = 0x1027, device_compiler = 0x1028, device_name = 0x102b, device_version = 0x102f,
                      device_double_config = 0x1032;
inline constexpr Ulong denormals = 1, correctly_rounded_divide_sqrt = 128;
inline constexpr Uint device_local_memory_type = 0x1022, device_local_memory = 0x1023;
inline constexpr Uint local_memory = 1;  ///< memory of groups that is not memory of the device
inline constexpr Uint program_build_log = 0x1183, kernel_work_group_size = 0x11b0;
inline constexpr Ulong read_write = 1;

/// Functions by their names in OpenCL, without "cl".
struct Api {
  Int (*GetPlatformIDs)(Uint, Platform*, Uint*);
  Int (*GetPlatformInfo)(Platform, Uint, std::size_t, void*, std::size_t*);
  Int (*GetDeviceIDs)(Platform, Ulong, Uint, Device*, Uint*);
  Int (*GetDeviceInfo)(Device, Uint, std::size_t, void*, std::size_t*);
  Context (*CreateContext)(const std::intptr_t*, Uint, const Device*, void (*)(const char*, const void*, std::size_t, void*),
                           void*, Int*);
  Int (*ReleaseContext)(Context);
  Queue (*CreateCommandQueue)(Context, Device, Ulong, Int*);
  Int (*ReleaseCommandQueue)(Queue);
  Memory (*CreateBuffer)(Context, Ulong, std::size_t, void*, Int*);
  Int (*ReleaseMemObject)(Memory);
  Program (*CreateProgramWithSource)(Context, Uint, const char**, const std::size_t*, Int*);
  Int (*BuildProgram)(Program, Uint, const Device*, const char*, void (*)(Program, void*), void*);
  Int (*GetProgramBuildInfo)(Program, Device, Uint, std::size_t, void*, std::size_t*);
  Int (*ReleaseProgram)(Program);
  Kernel (*CreateKernel)(Program, const char*, Int*);
  Int (*SetKernelArg)(Kernel, Uint, std::size_t, const void*);
  Int (*ReleaseKernel)(Kernel);
  Int (*GetKernelWorkGroupInfo)(Kernel, Device, Uint, std::size_t, void*, std::size_t*);
  Int (*EnqueueNDRangeKernel)(Queue, Kernel, Uint, const std::size_t*, const std::size_t*, const std::size_t*, Uint, const Event*,
                              Event*);
  Int (*EnqueueWriteBuffer)(Queue, Memory, Uint, std::size_t, std::size_t, const void*, Uint, const Event*, Event*);
  Int (*EnqueueReadBuffer)(Queue, Memory, Uint, std::size_t, std::size_t, void*, Uint, const Event*, Event*);
  Int (*EnqueueFillBuffer)(Queue, Memory, const void*, std::size_t, std::size_t, std::size_t, Uint, const Event*, Event*);
  Int (*Finish)(Queue);
};

/// The machine's OpenCL loader; it stays loaded, for drivers have threads of their own.
/// Throws `Error` backend_unavailable where there is none: what the loader of libraries said, and what to install.
const Api& api();

/// "-5 (out of resources)".
std::string to_string_of(Int error);

/// Throws `Error` backend_unavailable (limit_exceeded where memory is short), naming `what` was done and what to do, unless
/// `error` is success.
void check_cl(Int error, const std::string& what);

}  // namespace dgen::engine::cl

// Stands before the machine's OpenCL loader, which does the work, so that its failures can be tried. $FAKE_OPENCL_FAIL=WHAT:N:
// call number N of a kind fails: buffer (no memory), build (the driver's compiler refuses), launch and copy (the device is lost).
// $FAKE_OPENCL_GPU: devices say that they are GPUs.

#include <dlfcn.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

namespace {

using Function = void (*)();
using Int = std::int32_t;
using Size = std::size_t;

/// A function of the loader, whose place the build knows.
Function real(const char* name) {
  static void* const library = dlopen(DGEN_OPENCL_LOADER, RTLD_NOW | RTLD_LOCAL);
  return library ? reinterpret_cast<Function>(dlsym(library, name)) : nullptr;
}

template <class Call>
Call* real(const char* name) {
  return reinterpret_cast<Call*>(real(name));
}

bool fails(const std::string& kind) {
  static std::map<std::string, int> calls;
  const int number = ++calls[kind];
  const char* asked = std::getenv("FAKE_OPENCL_FAIL");
  return asked && asked == kind + ":" + std::to_string(number);
}

constexpr Int allocation_failure = -4, build_failure = -11, invalid_queue = -36;
constexpr std::uint32_t device_type = 0x1000;
constexpr std::uint64_t gpu = 4;

}  // namespace

// Each of these is the loader's own function, found when it is asked for.
#define FORWARD(name)                                                                     \
  __attribute__((visibility("hidden"))) Function resolve_##name() { return real(#name); } \
  void name() __attribute__((ifunc("resolve_" #name), visibility("default")));

extern "C" {

FORWARD(clGetPlatformIDs)
FORWARD(clGetPlatformInfo)
FORWARD(clGetDeviceIDs)
FORWARD(clCreateContext)
FORWARD(clReleaseContext)
FORWARD(clCreateCommandQueue)
FORWARD(clReleaseCommandQueue)
FORWARD(clReleaseMemObject)
FORWARD(clCreateProgramWithSource)
FORWARD(clGetProgramBuildInfo)
FORWARD(clReleaseProgram)
FORWARD(clCreateKernel)
FORWARD(clSetKernelArg)
FORWARD(clReleaseKernel)
FORWARD(clGetKernelWorkGroupInfo)
FORWARD(clEnqueueFillBuffer)
FORWARD(clFinish)

Int clGetDeviceInfo(void* device, std::uint32_t what, Size size, void* to, Size* needed) {
  using Call = Int(void*, std::uint32_t, Size, void*, Size*);
  const Int error = real<Call>("clGetDeviceInfo")(device, what, size, to, needed);
  if (what == device_type && error == 0 && size == sizeof gpu && std::getenv("FAKE_OPENCL_GPU"))
    std::memcpy(to, &gpu, sizeof gpu);
  return error;
}

void* clCreateBuffer(void* context, std::uint64_t flags, Size size, void* host, Int* error) {
  using Call = void*(void*, std::uint64_t, Size, void*, Int*);
  if (!fails("buffer")) return real<Call>("clCreateBuffer")(context, flags, size, host, error);
  return *error = allocation_failure, nullptr;
}

Int clBuildProgram(void* program, std::uint32_t count, void* const* devices, const char* options, void (*done)(void*, void*),
                   void* data) {
  using Call = Int(void*, std::uint32_t, void* const*, const char*, void (*)(void*, void*), void*);
  return fails("build") ? build_failure : real<Call>("clBuildProgram")(program, count, devices, options, done, data);
}

Int clEnqueueNDRangeKernel(void* queue, void* kernel, std::uint32_t dimensions, const Size* offset, const Size* all,
                           const Size* group, std::uint32_t events, void* const* after, void** event) {
  using Call = Int(void*, void*, std::uint32_t, const Size*, const Size*, const Size*, std::uint32_t, void* const*, void**);
  if (fails("launch")) return invalid_queue;
  return real<Call>("clEnqueueNDRangeKernel")(queue, kernel, dimensions, offset, all, group, events, after, event);
}

using Copy = Int(void*, void*, std::uint32_t, Size, Size, void*, std::uint32_t, void* const*, void**);

Int clEnqueueWriteBuffer(void* queue, void* buffer, std::uint32_t waits, Size offset, Size size, void* from, std::uint32_t events,
                         void* const* after, void** event) {
  if (fails("copy")) return invalid_queue;
  return real<Copy>("clEnqueueWriteBuffer")(queue, buffer, waits, offset, size, from, events, after, event);
}

Int clEnqueueReadBuffer(void* queue, void* buffer, std::uint32_t waits, Size offset, Size size, void* to, std::uint32_t events,
                        void* const* after, void** event) {
  if (fails("copy")) return invalid_queue;
  return real<Copy>("clEnqueueReadBuffer")(queue, buffer, waits, offset, size, to, events, after, event);
}
}

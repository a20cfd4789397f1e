#include "engine/opencl_api.h"

#include "base/dynlib.h"
#include "dgen/error.h"

namespace dgen::engine::cl {

namespace {

constexpr const char* advice =
    "; install a driver of the device and an OpenCL loader, on Debian: ocl-icd-libopencl1 and, for the CPU, pocl-opencl-icd";

template <class Function>
void load(const base::DynamicLibrary& library, Function*& function, const char* name) {
  function = reinterpret_cast<Function*>(library.symbol(name));
  if (!function)
    throw Error(ErrorCode::backend_unavailable, std::string("libOpenCL.so.1 has no ") + name + ", which OpenCL 1.2 has" + advice);
}

Api load_api(const base::DynamicLibrary& from) {
  Api api{};
  load(from, api.GetPlatformIDs, "clGetPlatformIDs");
  load(from, api.GetPlatformInfo, "clGetPlatformInfo");
  load(from, api.GetDeviceIDs, "clGetDeviceIDs");
  load(from, api.GetDeviceInfo, "clGetDeviceInfo");
  load(from, api.CreateContext, "clCreateContext");
  load(from, api.ReleaseContext, "clReleaseContext");
  load(from, api.CreateCommandQueue, "clCreateCommandQueue");
  load(from, api.ReleaseCommandQueue, "clReleaseCommandQueue");
  load(from, api.CreateBuffer, "clCreateBuffer");
  load(from, api.ReleaseMemObject, "clReleaseMemObject");
  load(from, api.CreateProgramWithSource, "clCreateProgramWithSource");
  load(from, api.BuildProgram, "clBuildProgram");
  load(from, api.GetProgramBuildInfo, "clGetProgramBuildInfo");
  load(from, api.ReleaseProgram, "clReleaseProgram");
  load(from, api.CreateKernel, "clCreateKernel");
  load(from, api.SetKernelArg, "clSetKernelArg");
  load(from, api.ReleaseKernel, "clReleaseKernel");
  load(from, api.EnqueueNDRangeKernel, "clEnqueueNDRangeKernel");
  load(from, api.EnqueueWriteBuffer, "clEnqueueWriteBuffer");
  load(from, api.EnqueueReadBuffer, "clEnqueueReadBuffer");
  load(from, api.EnqueueFillBuffer, "clEnqueueFillBuffer");
  load(from, api.Finish, "clFinish");
  return api;
}

const base::DynamicLibrary* open_library() {
  try {
    return new base::DynamicLibrary("libOpenCL.so.1");
  } catch (const Error& e) {
    throw Error(ErrorCode::backend_unavailable, std::string("no OpenCL: ") + e.what() + advice);
  }
}

}  // namespace

const Api& api() {
  static const base::DynamicLibrary& library = *open_library();  // not closed: see the header
  static const Api loaded = load_api(library);
  return loaded;
}

std::string to_string_of(Int error) {
  const auto text = [&]() -> const char* {
    switch (error) {
      case -1: return "device not found";
      case -2: return "device not available";
      case -3: return "compiler not available";
      case -4: return "memory object allocation failure";
      case -5: return "out of resources";
      case -6: return "out of host memory";
      case -11: return "build failure";
      case -30: return "invalid value";
      case -36: return "invalid command queue: the device may be lost";
      case -46: return "invalid kernel name";
      case -54: return "invalid work-group size";
      case -61: return "invalid buffer size";
      case -1001: return "no platform: no driver is installed";
      default: return "see cl.h";
    }
  };
  return std::to_string(error) + " (" + text() + ")";
}

void check_cl(Int error, const std::string& what) {
  if (error == success) return;
  throw Error(ErrorCode::backend_unavailable, "OpenCL: " + what + " failed, error " + to_string_of(error));
}

}  // namespace dgen::engine::cl

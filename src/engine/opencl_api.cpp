#include "engine/opencl_api.h"

#include "dgen/error.h"
#include "engine/driver_symbols.h"
#include "engine/trouble.h"

namespace dgen::engine::cl {

namespace {

constexpr const char* files[] = {"libOpenCL.so.1"};
constexpr const char* advice =
    "; install a driver of the device and an OpenCL loader, on Debian: ocl-icd-libopencl1 and, for the CPU, pocl-opencl-icd";

Api load_api(const base::DynamicLibrary& from) {
  const DriverSymbols load(from, std::string("libOpenCL.so.1 has no $, which OpenCL 1.2 has") + advice);
  Api api{};
  load(api.GetPlatformIDs, "clGetPlatformIDs");
  load(api.GetPlatformInfo, "clGetPlatformInfo");
  load(api.GetDeviceIDs, "clGetDeviceIDs");
  load(api.GetDeviceInfo, "clGetDeviceInfo");
  load(api.CreateContext, "clCreateContext");
  load(api.ReleaseContext, "clReleaseContext");
  load(api.CreateCommandQueue, "clCreateCommandQueue");
  load(api.ReleaseCommandQueue, "clReleaseCommandQueue");
  load(api.CreateBuffer, "clCreateBuffer");
  load(api.ReleaseMemObject, "clReleaseMemObject");
  load(api.CreateProgramWithSource, "clCreateProgramWithSource");
  load(api.BuildProgram, "clBuildProgram");
  load(api.GetProgramBuildInfo, "clGetProgramBuildInfo");
  load(api.ReleaseProgram, "clReleaseProgram");
  load(api.CreateKernel, "clCreateKernel");
  load(api.SetKernelArg, "clSetKernelArg");
  load(api.ReleaseKernel, "clReleaseKernel");
  load(api.GetKernelWorkGroupInfo, "clGetKernelWorkGroupInfo");
  load(api.EnqueueNDRangeKernel, "clEnqueueNDRangeKernel");
  load(api.EnqueueWriteBuffer, "clEnqueueWriteBuffer");
  load(api.EnqueueReadBuffer, "clEnqueueReadBuffer");
  load(api.EnqueueFillBuffer, "clEnqueueFillBuffer");
  load(api.Finish, "clFinish");
  return api;
}

}  // namespace

const Api& api() {
  static const base::DynamicLibrary& library =
      *open_driver(files, "no OpenCL: ", advice).release();  // not closed: see the header
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
      case -14: return "a command before it failed";
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
  const std::string text = "OpenCL: " + what + " failed, error " + to_string_of(error);
  const bool memory = error == -4 || error == -5 || error == -6;
  if (memory) throw Error(ErrorCode::limit_exceeded, text + advice_of(Trouble::memory_short));
  throw Error(ErrorCode::backend_unavailable, text + advice_of(Trouble::device_lost));
}

}  // namespace dgen::engine::cl

#include "dgen/devices.h"

#include "dgen/error.h"
#include "engine/opencl.h"

namespace dgen {

std::vector<DeviceInfo> devices() {
  std::vector<DeviceInfo> found;
  try {
    for (const engine::OpenClDevice& device : engine::opencl_devices())
      found.push_back({.backend = Backend::opencl, .name = device.name, .driver = device.platform, .why_not = device.why_not});
    if (found.empty()) found.push_back({.backend = Backend::opencl, .why_not = "its drivers have no device"});
  } catch (const Error& e) {
    found.push_back({.backend = Backend::opencl, .why_not = e.what()});
  }
  return found;
}

}  // namespace dgen

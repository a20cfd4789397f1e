#include "dgen/devices.h"

#include "dgen/error.h"
#include "engine/cuda.h"
#include "engine/metal.h"
#include "engine/opencl.h"

namespace dgen {

namespace {

/// Devices of a back end as `list` finds them, or what keeps it from having any.
template <class List>
void add_devices(std::vector<DeviceInfo>& found, Backend backend, List list) {
  const std::size_t before = found.size();
  try {
    list();
    if (found.size() == before) found.push_back({.backend = backend, .why_not = "its drivers have no device"});
  } catch (const Error& e) {
    found.push_back({.backend = backend, .why_not = e.what()});
  }
}

}  // namespace

std::vector<DeviceInfo> devices() {
  std::vector<DeviceInfo> found;
  add_devices(found, Backend::opencl, [&] {
    for (const engine::OpenClDevice& one : engine::opencl_devices())
      found.push_back({.backend = Backend::opencl, .name = one.name, .driver = one.platform, .why_not = one.why_not});
  });
  add_devices(found, Backend::cuda, [&] {
    for (const engine::CudaDevice& one : engine::cuda_devices())
      found.push_back({.backend = Backend::cuda, .name = one.name, .driver = one.driver, .why_not = one.why_not});
  });
  add_devices(found, Backend::metal, [&] {
    for (const std::string& name : engine::metal_devices())
      found.push_back({.backend = Backend::metal, .name = name, .driver = "Metal"});
  });
  return found;
}

}  // namespace dgen

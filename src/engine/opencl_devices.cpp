#include "engine/opencl_devices.h"

#include <algorithm>
#include <cstdlib>

#include "dgen/error.h"

namespace dgen::engine {

namespace cl {

namespace {

template <class T>
T number(Device device, Uint what) {
  T value{};
  return api().GetDeviceInfo(device, what, sizeof value, &value, nullptr) == success ? value : T{};
}

template <class Get>
std::string text(Get get) {
  std::size_t size = 0;
  if (get(0, nullptr, &size) != success || size == 0) return "?";
  std::string read(size, '\0');
  if (get(size, read.data(), nullptr) != success) return "?";
  read.resize(size - 1);  // without its zero
  return read;
}

std::string device_text(Device device, Uint what) {
  return text(
      [&](std::size_t size, void* to, std::size_t* needed) { return api().GetDeviceInfo(device, what, size, to, needed); });
}

std::string why_not(Device device) {
  if (!number<Uint>(device, device_available)) return "the driver says it is not available";
  if (!number<Uint>(device, device_compiler)) return "its driver has no compiler";
  const std::string version = device_text(device, device_version);  // "OpenCL 1.2 …"
  if (version.rfind("OpenCL 1.0", 0) == 0 || version.rfind("OpenCL 1.1", 0) == 0) return "it has " + version + "; 1.2 is needed";
  if (number<Ulong>(device, device_double_config) == 0) return "it has no double precision";
  return {};
}

/// A processor that stands for a GPU has no fast memory for a group: what goes through that only goes through more memory.
ir::GroupLimits group_limits(Device device) {
  const bool fast = number<Uint>(device, device_local_memory_type) == local_memory;
  if (!fast || (number<Ulong>(device, device_type) & type_cpu)) return {};
  const auto bytes = std::min<Ulong>(number<Ulong>(device, device_local_memory), 1u << 30);
  const auto items = std::min<std::size_t>(number<std::size_t>(device, device_max_group), 1u << 16);
  return {.items = static_cast<int>(items), .bytes = static_cast<std::int64_t>(bytes)};
}

Found describe(Platform platform, Device device) {
  const auto platform_text = [&](std::size_t size, void* to, std::size_t* needed) {
    return api().GetPlatformInfo(platform, platform_name, size, to, needed);
  };
  const auto type = number<Ulong>(device, device_type);
  return {.shown = {.name = device_text(device, device_name),
                    .platform = text(platform_text),
                    .why_not = why_not(device),
                    .is_gpu = (type & type_gpu) != 0},
          .device = device,
          .correct_division = (number<Ulong>(device, device_single_config) & correctly_rounded_divide_sqrt) != 0,
          .group = group_limits(device)};
}

std::vector<Platform> platforms() {
  Uint count = 0;
  const Int error = api().GetPlatformIDs(0, nullptr, &count);
  if (error != success || count == 0) {
    throw Error(ErrorCode::backend_unavailable, "no OpenCL driver: the loader knows none" +
                                                    (error == success ? "" : ", error " + to_string_of(error)) +
                                                    "; install the driver of your GPU, or pocl-opencl-icd for the CPU");
  }
  std::vector<Platform> found(count);
  check_cl(api().GetPlatformIDs(count, found.data(), nullptr), "listing the drivers");
  return found;
}

}  // namespace

std::vector<Found> find_devices() {
  std::vector<Found> found;
  for (const Platform platform : platforms()) {
    Uint count = 0;
    if (api().GetDeviceIDs(platform, every_device_type, 0, nullptr, &count) != success) continue;
    std::vector<Device> devices(count);
    if (api().GetDeviceIDs(platform, every_device_type, count, devices.data(), nullptr) != success) continue;
    for (const Device device : devices) found.push_back(describe(platform, device));
  }
  const char* wanted = std::getenv("DGEN_OPENCL_DEVICE");
  const auto rank = [&](const Found& one) {
    const bool named = wanted && one.shown.name.find(wanted) != std::string::npos;
    return (one.shown.why_not.empty() ? 4 : 0) + (named ? 2 : 0) + (one.shown.is_gpu ? 1 : 0);
  };
  std::stable_sort(found.begin(), found.end(), [&](const Found& a, const Found& b) { return rank(a) > rank(b); });
  return found;
}

}  // namespace cl

std::vector<OpenClDevice> opencl_devices() {
  std::vector<OpenClDevice> shown;
  for (const cl::Found& one : cl::find_devices()) shown.push_back(one.shown);
  return shown;
}

}  // namespace dgen::engine

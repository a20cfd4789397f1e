// `dgen devices`: what patches may run on.

#include "dgen/devices.h"

#include <cstdio>

#include "dgen/commands.h"

namespace dgen::tool {

namespace {

void print_devices() {
  std::printf("cpu: compiled C, used unless --backend says otherwise\n");
  bool chosen = false;
  for (const DeviceInfo& device : devices()) {
    std::printf("%s: ", to_string(device.backend));
    if (!device.name.empty()) std::printf("%s, driven by %s", device.name.c_str(), device.driver.c_str());
    if (!device.why_not.empty()) {
      std::printf("%snot used: %s", device.name.empty() ? "" : "; ", device.why_not.c_str());
    } else {
      std::printf(chosen ? "; DGEN_OPENCL_DEVICE=NAME takes it" : "; --backend opencl takes it");
      chosen = true;
    }
    std::printf("\n");
  }
}

}  // namespace

void add_devices(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("devices", "List the devices that patches may run on, and why others are not used");
  command.callback(print_devices);
}

}  // namespace dgen::tool

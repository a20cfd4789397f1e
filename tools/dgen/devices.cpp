// `dgen devices`: what patches may run on.

#include "dgen/devices.h"

#include <cctype>
#include <cstdio>
#include <set>

#include "dgen/commands.h"

namespace dgen::tool {

namespace {

std::string in_capitals(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

void print_devices() {
  std::printf("cpu: compiled C, used unless --backend says otherwise\n");
  std::set<Backend> chosen;
  for (const DeviceInfo& device : devices()) {
    std::printf("%s: ", to_string(device.backend));
    if (!device.name.empty()) std::printf("%s, driven by %s", device.name.c_str(), device.driver.c_str());
    if (!device.why_not.empty()) {
      std::printf("%snot used: %s", device.name.empty() ? "" : "; ", device.why_not.c_str());
    } else {
      if (!device.gpu) std::printf("; no GPU, so --backend auto does not choose it");
      const std::string backend = to_string(device.backend);
      const bool first = chosen.insert(device.backend).second;
      std::printf(
          "%s",
          (first ? "; --backend " + backend + " takes it" : "; DGEN_" + in_capitals(backend) + "_DEVICE=NAME takes it").c_str());
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

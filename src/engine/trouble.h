#pragma once
// What a message says that a device failed ends with: what to do about it.

#include <cstdint>

namespace dgen::engine {

enum class Trouble : std::uint8_t { memory_short, device_lost, driver_refuses, compiler_refuses };

constexpr const char* advice_of(Trouble trouble) {
  switch (trouble) {
    case Trouble::memory_short:
      return "; run shorter segments or blocks, end what else uses the device, or take the cpu back end (auto does so by itself)";
    case Trouble::device_lost:
      return "; the device may be lost to this process: start it again, or take the cpu back end (auto goes on with it by "
             "itself)";
    case Trouble::driver_refuses: return "; update the device's driver, or take the cpu back end (auto does so by itself)";
    case Trouble::compiler_refuses: return "; take the cpu back end (auto does so by itself), and report this. It says:\n";
  }
  return "";
}

}  // namespace dgen::engine

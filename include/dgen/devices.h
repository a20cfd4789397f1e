#pragma once
// The devices that patches may run on, beside the processor.

#include <span>
#include <string>
#include <vector>

#include "dgen/program.h"

namespace dgen {

/// A back end as commands and messages name it.
struct BackendInfo {
  Backend backend = Backend::cpu;
  const char* name = "";
  const char* summary = "";  ///< a few words
};

/// Every back end, automatic first.
std::span<const BackendInfo> backends();

/// A device, or what keeps a back end from having any.
struct DeviceInfo {
  Backend backend = Backend::opencl;
  std::string name{};     ///< of the device; empty where the back end finds none
  std::string driver{};   ///< what drives it
  std::string why_not{};  ///< why it is not used; empty where it would do
  bool gpu = false;       ///< and no processor that a driver makes a device of
};

/// The devices of every back end; the one that `compile` takes stands before others of its back end.
std::vector<DeviceInfo> devices();

}  // namespace dgen

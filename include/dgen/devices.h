#pragma once
// The devices that patches may run on, beside the processor.

#include <string>
#include <vector>

#include "dgen/program.h"

namespace dgen {

/// A device, or what keeps a back end from having any.
struct DeviceInfo {
  Backend backend = Backend::opencl;
  std::string name{};     ///< of the device; empty where the back end finds none
  std::string driver{};   ///< what drives it
  std::string why_not{};  ///< why it is not used; empty where it would do
};

/// The devices of every back end; the one that `compile` takes stands before others of its back end.
std::vector<DeviceInfo> devices();

}  // namespace dgen

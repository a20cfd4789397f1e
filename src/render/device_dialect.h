#pragma once
// How the languages of devices differ: what a kernel's head looks like, beside what every dialect says.

#include "render/dialect.h"

namespace dgen::render {

/// A kernel takes `memory`, a pointer to bytes, and `frames`, `position` and `items`; its text begins with `head`, which defines
/// `item` and `row` and ends the work items behind the last.
struct DeviceDialect {
  Dialect language;
  std::string_view parameters;  ///< of a kernel, in parentheses
  std::string_view head;        ///< first lines of a kernel
  std::string_view pointer;     ///< before the element type of a pointer into memory
  bool has_double = true;
};

const DeviceDialect& opencl_dialect();
const DeviceDialect& cuda_dialect();
/// Metal has no double: kernels of patches that need it are refused.
const DeviceDialect& metal_dialect();

}  // namespace dgen::render

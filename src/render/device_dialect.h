#pragma once
// How the languages of devices differ: what a kernel's head looks like, beside what every dialect says.

#include "render/dialect.h"

namespace dgen::render {

/// A kernel takes `memory`, a pointer to bytes, and `frames`, `position` and `items`; its text begins with `head`, which defines
/// `item` and `row` and ends the work items behind the last. Where work items of a group meet, none ends early.
struct DeviceDialect {
  Dialect language;
  std::string_view parameters;    ///< of a kernel, in parentheses
  std::string_view head;          ///< first lines of a kernel
  std::string_view group_kernel;  ///< before the name of a kernel whose groups, of $size work items, share memory
  std::string_view group_head;    ///< its first lines, which define `thread`, its place in the group, and `group`, too
  std::string_view group_memory;  ///< before the element type of an array that a group shares
  std::string_view pointer;       ///< before the element type of a pointer into memory
  std::string_view own_double{};  ///< where it has no double: the type `Double`, for texts that need it
};

const DeviceDialect& opencl_dialect();
const DeviceDialect& cuda_dialect();
/// Metal has no double: it is computed in integers.
const DeviceDialect& metal_dialect();

}  // namespace dgen::render

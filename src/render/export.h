#pragma once
// A program as C files that need nothing but a C compiler: what `dgen export` writes.

#include <string>

#include "ir/ir.h"
#include "render/program_interface.h"

namespace dgen::render {

/// The two files, NAME.h and NAME.c; the second includes the first.
struct Exported {
  std::string header, source;
};

/// Throws InternalError where the module breaks the contract of ir.h. `lanes`: 4, 8 or 16; 8 suits most machines.
Exported render_export(const ir::Module& module, const ProgramInterface& interface, int lanes);

}  // namespace dgen::render

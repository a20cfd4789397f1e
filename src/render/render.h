#pragma once
// Loop IR to C text: one translation unit for one program or many.

#include <span>
#include <string>

#include "ir/ir.h"
#include "render/program_interface.h"

namespace dgen::render {

/// A program to render. Names of the programs of one translation unit differ.
struct Unit {
  const ir::Module* module = nullptr;
  const ProgramInterface* interface = nullptr;
};

/// A translation unit in C (gcc, clang) with the symbols dgen_NAME_init, _reset, _process and _descriptor (see
/// `abi_header`). `lanes`: floats a vector, 4, 8 or 16. Throws InternalError where the module breaks the contract of ir.h.
std::string render_c(const ir::Module& module, const ProgramInterface& interface, int lanes);
std::string render_c(std::span<const Unit> units, int lanes);

/// As `render_c`, without the declarations of `abi_header`: the caller's text in front includes them.
std::string render_c_body(std::span<const Unit> units, int lanes);

}  // namespace dgen::render

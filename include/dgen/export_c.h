#pragma once
// A patch as C source that needs nothing but a C compiler.

#include <string>

#include "dgen/program.h"

namespace dgen {

/// NAME.h and NAME.c, where NAME is `CompileOptions::name`; the second includes the first. The header says what its
/// functions do, from which threads, and how to compile.
struct ExportedC {
  std::string header, source;
};

/// Throws `Error`: what is wrong with the graph, bad_value for a name that is no C identifier. A vector width of 0 is 8
/// here, which suits most machines; backend, compiler and cache do not matter.
ExportedC export_c(const Graph& graph, const CompileOptions& options = {});

}  // namespace dgen

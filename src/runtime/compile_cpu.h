#pragma once
// Graphs to programs of generated C.

#include <span>
#include <string>
#include <vector>

#include "dgen/program.h"

namespace dgen::runtime {

/// In one run of the compiler. Throws as `compile` does.
std::vector<Program> compile_for_cpu(std::span<const Graph* const> graphs, std::span<const std::string> names,
                                     const CompileOptions& options);

}  // namespace dgen::runtime

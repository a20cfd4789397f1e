#pragma once
// Generated text to programs that can run.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dgen/program.h"
#include "render/program_interface.h"
#include "runtime/program_data.h"

namespace dgen::runtime {

/// Compiles `source` in one run of the C compiler and finds the programs of these interfaces in it, in that order.
/// Throws `Error` compiler_missing, compiler_failed, file_unwritable.
std::vector<std::shared_ptr<ProgramData>> load_programs(const std::string& source,
                                                        std::span<const render::ProgramInterface> interfaces,
                                                        const CompileOptions& options);

}  // namespace dgen::runtime

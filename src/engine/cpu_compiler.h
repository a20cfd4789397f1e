#pragma once
// The C compiler of the machine: which one, and how it is called.

#include <filesystem>
#include <string>
#include <vector>

namespace dgen::engine {

struct Compiler {
  std::string path;     ///< of the executable
  std::string version;  ///< all that `--version` prints
};

/// The compiler named by `wanted`, else by $DGEN_CC, else by $CC, else the first of cc, gcc and clang in $PATH. `notes`
/// is a folder where its version text may be kept between runs; empty: nowhere.
/// Throws `Error` compiler_missing with what was looked for, or where it cannot be run.
Compiler find_compiler(const std::string& wanted, const std::filesystem::path& notes);

/// Arguments that turn C on standard input into the shared library `output`.
std::vector<std::string> compile_arguments(const std::filesystem::path& output);

/// Compiles `source` to the shared library `output`. Throws `Error` compiler_failed with what the compiler said and
/// where the source was kept: beside `output`.
void run_compiler(const Compiler& compiler, const std::string& source, const std::filesystem::path& output);

}  // namespace dgen::engine

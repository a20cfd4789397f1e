#pragma once
// The CPU engine: generated C to loaded code, through the machine's C compiler and a cache.

#include <memory>
#include <string>

#include "base/dynlib.h"

namespace dgen::engine {

struct CpuOptions {
  std::string compiler{};         ///< see CompileOptions
  std::string cache_directory{};  ///< see CompileOptions
};

struct CpuCode {
  std::shared_ptr<const base::DynamicLibrary> library;
  bool from_cache = false;
};

/// Compiles and loads C source text, or loads what an earlier run made of the same text with the same compiler and
/// flags on the same kind of processor. Any thread.
/// Throws `Error` compiler_missing, compiler_failed, file_unwritable.
CpuCode compile_c(const std::string& source, const CpuOptions& options);

}  // namespace dgen::engine

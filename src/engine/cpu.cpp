#include "engine/cpu.h"

#include <filesystem>

#include "base/hash.h"
#include "engine/cpu_cache.h"
#include "engine/cpu_compiler.h"
#include "engine/cpu_target.h"

namespace dgen::engine {

namespace {

/// Hash of all that decides what the compiler makes of `source`.
std::string cache_key(const std::string& source, const Compiler& compiler) {
  std::string flags;
  for (const std::string& argument : compile_arguments({})) flags += argument + '\n';
  return base::to_hex(base::hash({source, flags, compiler.path, compiler.version, processor_identity()}));
}

/// Removes the file when the compiler or the loader failed half way; after a rename there is none.
struct Removed {
  std::filesystem::path file;
  ~Removed() {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
  }
};

}  // namespace

CpuCode compile_c(const std::string& source, const CpuOptions& options) {
  const CpuCache cache(options.cache_directory);
  const Compiler compiler = find_compiler(options.compiler, cache.temporary() ? std::filesystem::path() : cache.folder());
  const std::string key = cache_key(source, compiler);
  if (auto library = cache.find(key)) return {.library = std::move(library), .from_cache = true};
  const Removed made{cache.fresh_file(key)};
  run_compiler(compiler, source, made.file);
  auto library = cache.keep(key, made.file);
  cache.trim(cache_limit_bytes());
  return {.library = std::move(library), .from_cache = false};
}

}  // namespace dgen::engine

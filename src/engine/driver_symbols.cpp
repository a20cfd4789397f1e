#include "engine/driver_symbols.h"

#include "dgen/error.h"

namespace dgen::engine {

void* DriverSymbols::find(const char* name) const {
  if (void* const found = library_.symbol(name)) return found;
  std::string text = complaint_;
  text.replace(text.find('$'), 1, name);
  throw Error(ErrorCode::backend_unavailable, text);
}

std::unique_ptr<const base::DynamicLibrary> open_driver(std::span<const char* const> files, const std::string& before,
                                                        const std::string& after) {
  std::string reasons;
  for (const char* file : files) {
    try {
      return std::make_unique<const base::DynamicLibrary>(file);
    } catch (const Error& e) {
      reasons += (reasons.empty() ? "" : "; ") + std::string(e.what());
    }
  }
  throw Error(ErrorCode::backend_unavailable, before + reasons + after);
}

}  // namespace dgen::engine

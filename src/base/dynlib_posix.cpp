#ifndef _WIN32
#include <dlfcn.h>

#include "base/dynlib.h"
#include "dgen/error.h"

namespace dgen::base {

DynamicLibrary::DynamicLibrary(const std::filesystem::path& file) : library_(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (library_) return;
  const char* why = dlerror();
  throw Error(ErrorCode::file_malformed, "cannot load " + file.string() + ": " + (why ? why : "the loader gave no reason"));
}

DynamicLibrary::~DynamicLibrary() { dlclose(library_); }

void* DynamicLibrary::symbol(const std::string& name) const { return dlsym(library_, name.c_str()); }

}  // namespace dgen::base
#endif

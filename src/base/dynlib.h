#pragma once
// Code loaded at run time.

#include <filesystem>
#include <string>

namespace dgen::base {

/// A loaded shared library; unloaded with the object.
class DynamicLibrary {
 public:
  /// Throws `Error` file_malformed with the loader's reason where the file cannot be loaded.
  explicit DynamicLibrary(const std::filesystem::path& file);
  ~DynamicLibrary();
  DynamicLibrary(const DynamicLibrary&) = delete;
  DynamicLibrary& operator=(const DynamicLibrary&) = delete;

  /// Address of an exported symbol, or null.
  void* symbol(const std::string& name) const;

 private:
  void* library_ = nullptr;
};

}  // namespace dgen::base

#pragma once
// Compiled code kept on disk: a folder of shared libraries named by the hash of what made them.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/dynlib.h"

namespace dgen::engine {

/// A folder that only its owner may write. Any number of processes and threads may use it at once.
class CpuCache {
 public:
  /// Opens or makes the folder: `wanted`, else $DGEN_CACHE, $XDG_CACHE_HOME/dgen, ~/.cache/dgen. Where it cannot be
  /// made or written, a private folder under the system's temporary one is used, and removed with the object.
  /// Throws `Error` file_unwritable where the folder belongs to somebody else or others may write to it.
  explicit CpuCache(const std::string& wanted);
  ~CpuCache();
  CpuCache(const CpuCache&) = delete;
  CpuCache& operator=(const CpuCache&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  bool temporary() const { return temporary_; }

  /// The library kept under `key`; null where there is none, or it is damaged.
  std::unique_ptr<base::DynamicLibrary> find(const std::string& key) const;

  /// A fresh file name in the folder, for the compiler to write to.
  std::filesystem::path fresh_file(const std::string& key) const;

  /// Seals the library in `file` (a `fresh_file`) and keeps it under `key`, in one step for all who look; loads it.
  std::unique_ptr<base::DynamicLibrary> keep(const std::string& key, const std::filesystem::path& file) const;

  /// Removes the entries used longest ago until the folder holds at most `bytes`, and temporary files an hour old.
  void trim(std::uint64_t bytes) const;

 private:
  std::filesystem::path folder_;
  bool temporary_ = false;
};

/// The most bytes a cache holds: $DGEN_CACHE_MB, else 1 GiB.
std::uint64_t cache_limit_bytes();

}  // namespace dgen::engine

#pragma once
// Folders that only their owner may write to.

#include <filesystem>
#include <string>

namespace dgen::base {

/// Whether a folder may hold what is later run.
enum class Privacy {
  usable,      ///< ours, and nobody else may write to it
  unwritable,  ///< it cannot be made, or not be written to
  foreign,     ///< another user owns it, or others may write to it
};

/// Makes `folder` and those above it, for their owner alone, where they are missing; says how it may be used.
Privacy make_private_folder(const std::filesystem::path& folder);

/// Makes a folder of a fresh name under the system's temporary one, for its owner alone.
/// Throws `Error` file_unwritable.
std::filesystem::path make_temporary_folder(const std::string& prefix);

}  // namespace dgen::base

#pragma once
// Whole files as bytes: reading with a clear reason where it fails, and writing that never destroys what was there.

#include <string>
#include <string_view>

namespace dgen::audio {

/// Everything a regular file or pipe holds. Throws `Error` file_unreadable: absent, a directory, a device, no permission.
std::string read_bytes(const std::string& path);

/// Throws `Error` file_unwritable where `path` is a directory or lies in a folder that is absent or closed to us.
void check_folder(const std::string& path);

/// Replaces `path` by `bytes`: a temporary file in the same folder, flushed to the disk, then renamed. Follows a symbolic
/// link to its target and keeps the permissions of a file that was there. A pipe or device is written in place.
/// Throws `Error` file_unwritable; then what was there is untouched and no temporary file is left.
void write_bytes(const std::string& path, std::string_view bytes);

}  // namespace dgen::audio

#pragma once
// Files that are read and written as one: what stands there is always the old file or the new one, whole.

#include <string>
#include <string_view>

namespace dgen::base {

/// All bytes of a file. Throws `Error` file_unreadable.
std::string read_whole_file(const std::string& path);

/// Puts `bytes` into a file that is there, whole and on the disk, when this returns; whatever happens before, also a crash
/// of the machine, leaves what was there. They are first written to "PATH.partial". A link is followed.
/// Throws `Error` file_unwritable.
void replace_whole_file(const std::string& path, std::string_view bytes);

}  // namespace dgen::base

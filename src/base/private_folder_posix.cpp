#ifndef _WIN32
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/private_folder.h"
#include "dgen/error.h"

namespace dgen::base {

namespace fs = std::filesystem;

Privacy make_private_folder(const fs::path& folder) {
  struct stat info {};
  if (lstat(folder.c_str(), &info) != 0) {
    if (folder.has_parent_path() && folder.parent_path() != folder) make_private_folder(folder.parent_path());
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return Privacy::unwritable;
  }
  if (stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return Privacy::unwritable;
  if (info.st_uid != geteuid() || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0) return Privacy::foreign;
  return access(folder.c_str(), W_OK | X_OK) == 0 ? Privacy::usable : Privacy::unwritable;
}

fs::path make_temporary_folder(const std::string& prefix) {
  std::error_code failed;
  fs::path base = fs::temp_directory_path(failed);
  if (failed) base = "/tmp";
  std::string name = (base / (prefix + "-XXXXXX")).string();
  if (mkdtemp(name.data())) return name;
  throw Error(ErrorCode::file_unwritable, "cannot make a temporary folder " + name + ": " + std::strerror(errno) +
                                              ". Set TMPDIR to a folder that can be written to.");
}

}  // namespace dgen::base
#endif

#ifndef _WIN32
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/whole_file.h"
#include "dgen/error.h"

namespace dgen::base {

namespace fs = std::filesystem;

namespace {

/// An open file, closed at the end.
class File {
 public:
  File(const std::string& path, int flags) : number_(open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~File() { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int number() const { return number_; }
  bool close() {
    const int number = number_;
    number_ = -1;
    return number < 0 || ::close(number) == 0;
  }

 private:
  int number_;
};

[[noreturn]] void refuse(ErrorCode code, const std::string& what, const std::string& path, const std::string& why) {
  throw Error(code, "cannot " + what + " '" + path + "': " + why);
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Where the bytes go in the end: what a link, or a link it points to, names.
std::string target_of(const std::string& path) {
  fs::path target = path;
  std::error_code failed;
  for (int links = 0; links < 40 && fs::is_symlink(target, failed); ++links) {
    const fs::path next = fs::read_symlink(target, failed);
    if (failed) return path;
    target = target.parent_path() / next;  // an absolute one stands alone
  }
  return target.string();
}

/// A rename is on the disk once its folder is. Not every file system can do that; the file is whole either way.
void sync_folder_of(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  const File file(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
  if (file.number() >= 0) static_cast<void>(fsync(file.number()));
}

}  // namespace

std::string read_whole_file(const std::string& path) {
  const auto fail = [&] { refuse(ErrorCode::file_unreadable, "read", path, std::strerror(errno)); };
  const File file(path, O_RDONLY);
  if (file.number() < 0) fail();
  std::string bytes;
  char block[1 << 16];
  for (;;) {
    const ssize_t count = read(file.number(), block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail();
    if (count == 0) return bytes;
    bytes.append(block, static_cast<std::size_t>(count));
  }
}

void replace_whole_file(const std::string& path, std::string_view bytes) {
  const std::string target = target_of(path), partial = target + ".partial";
  struct stat info {};
  if (stat(target.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
    refuse(ErrorCode::file_unwritable, "write", path, "it is there, and not a file");
  File file(partial, O_WRONLY | O_CREAT | O_TRUNC);
  const bool written = file.number() >= 0 && write_all(file.number(), bytes) && fsync(file.number()) == 0 && file.close() &&
                       std::rename(partial.c_str(), target.c_str()) == 0;
  if (!written) {
    const int reason = errno;
    unlink(partial.c_str());
    refuse(ErrorCode::file_unwritable, "write", path, std::strerror(reason));
  }
  sync_folder_of(target);
}

}  // namespace dgen::base
#endif

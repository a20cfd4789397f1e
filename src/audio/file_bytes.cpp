#include "audio/file_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "dgen/error.h"

namespace dgen::audio {

namespace {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  /// The result of close(2): some file systems report a full disk only here.
  int close() {
    const int closing = number_;
    number_ = -1;
    return closing < 0 ? 0 : ::close(closing);
  }

 private:
  int number_;
};

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void unreadable(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::file_unreadable, "cannot read '" + path + "': " + why);
}

[[noreturn]] void unwritable(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::file_unwritable, "cannot write '" + path + "': " + why);
}

/// Writes everything and closes. Returns errno, 0 when all went well.
int write_all(Descriptor& file, std::string_view bytes, bool flush) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return EIO;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (flush && ::fsync(file.number()) != 0 && errno != EINVAL) return errno;
  return file.close() == 0 ? 0 : errno;
}

void write_in_place(const std::string& path, std::string_view bytes) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.number() < 0) unwritable(path, reason(errno));
  if (const int error = write_all(file, bytes, false)) unwritable(path, reason(error));
}

/// Where a chain of symbolic links ends, whether or not there is a file.
std::string target_of(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path target = std::filesystem::weakly_canonical(path, failed);
  return failed ? path : target.string();
}

void write_beside_and_rename(const std::string& path, std::string_view bytes, const struct stat* before) {
  const std::string target = target_of(path);
  const std::string temporary = target + "." + std::to_string(::getpid()) + ".tmp";
  ::unlink(temporary.c_str());
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.number() < 0) unwritable(path, reason(errno));
  if (before) static_cast<void>(::fchmod(file.number(), before->st_mode & 07777));
  int error = write_all(file, bytes, true);
  if (error == 0 && ::rename(temporary.c_str(), target.c_str()) != 0) error = errno;
  if (error == 0) return;
  ::unlink(temporary.c_str());
  unwritable(path, reason(error));
}

}  // namespace

std::string read_bytes(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) unreadable(path, reason(errno));
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) unreadable(path, reason(errno));
  if (S_ISDIR(status.st_mode)) unreadable(path, "it is a directory");
  if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) unreadable(path, "it is a device, not a file");
  std::string bytes;
  if (S_ISREG(status.st_mode)) bytes.reserve(static_cast<std::size_t>(status.st_size));
  std::array<char, 1 << 16> block;
  for (;;) {
    const ssize_t count = ::read(file.number(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) unreadable(path, reason(errno));
    if (count == 0) return bytes;
    bytes.append(block.data(), static_cast<std::size_t>(count));
  }
}

void check_folder(const std::string& path) {
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) unwritable(path, "it is a directory");
  const bool in_place = exists && !S_ISREG(status.st_mode);
  const std::filesystem::path target = target_of(path);
  const std::string folder = in_place ? path : target.has_parent_path() ? target.parent_path().string() : ".";
  if (::access(folder.c_str(), W_OK) != 0) unwritable(path, reason(errno));
}

void write_bytes(const std::string& path, std::string_view bytes) {
  check_folder(path);
  struct stat before {};
  const bool exists = ::stat(path.c_str(), &before) == 0;
  if (exists && !S_ISREG(before.st_mode)) return write_in_place(path, bytes);
  if (exists && ::access(path.c_str(), W_OK) != 0) unwritable(path, reason(errno));
  write_beside_and_rename(path, bytes, exists ? &before : nullptr);
}

}  // namespace dgen::audio

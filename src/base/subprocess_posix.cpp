#ifndef _WIN32
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/subprocess.h"

extern char** environ;

namespace dgen::base {

namespace {

using Clock = std::chrono::steady_clock;

/// A file descriptor, closed with the object.
class Descriptor {
 public:
  Descriptor() = default;
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  void reset(int fd) { close(), fd_ = fd; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read, write;
};

/// Above the standard streams, which may be closed in the caller: there, dup2 in the child would overwrite it.
int above_standard(int fd) {
  if (fd > 2) return fd;
  const int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  const int why = errno;
  ::close(fd);
  errno = why;
  return moved;
}

bool open_pipe(Pipe& made) {
  int ends[2];
#ifdef __linux__
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
#else
  if (pipe(ends) != 0) return false;
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
#endif
  made.read.reset(above_standard(ends[0]));
  made.write.reset(above_standard(ends[1]));
  return made.read.get() >= 0 && made.write.get() >= 0;
}

/// While it lives, writing to a pipe nobody reads fails with EPIPE in this thread and raises no signal.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &blocked, &before_);
  }
  ~NoSigpipe() {
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    if (!was_pending_ && sigismember(&pending, SIGPIPE) == 1) {
      sigset_t only;
      sigemptyset(&only);
      sigaddset(&only, SIGPIPE);
      int signal = 0;
      sigwait(&only, &signal);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
  sigset_t before_{};
  bool was_pending_ = false;
};

/// Starts the program in a process group of its own, with default signals. Returns an errno.
int spawn(const Command& command, int in, int out, int errors, pid_t& child) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  if (const int failed = posix_spawn_file_actions_init(&files)) return failed;
  if (const int failed = posix_spawnattr_init(&attributes)) return posix_spawn_file_actions_destroy(&files), failed;
  posix_spawn_file_actions_adddup2(&files, in, 0);
  posix_spawn_file_actions_adddup2(&files, out, 1);
  posix_spawn_file_actions_adddup2(&files, errors, 2);
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 34)
  posix_spawn_file_actions_addclosefrom_np(&files, 3);  // files the host opened without O_CLOEXEC
#endif
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGCHLD}) sigaddset(&defaults, signal);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<char*> arguments{const_cast<char*>(command.program.c_str())};
  for (const std::string& argument : command.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const int failed = posix_spawn(&child, command.program.c_str(), &files, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failed;
}

bool has_ended(pid_t child) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == child;
}

/// Reads what is there. Closes the descriptor at the end of the stream.
void read_some(Descriptor& from, std::string& into) {
  std::array<char, 65536> buffer;
  const ssize_t got = read(from.get(), buffer.data(), buffer.size());
  if (got > 0) into.append(buffer.data(), static_cast<std::size_t>(got));
  if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) from.close();
}

/// Writes what fits. Closes the descriptor when all is written, or nobody reads any more.
void write_some(Descriptor& to, std::string_view& left) {
  if (!left.empty()) {
    const ssize_t put = write(to.get(), left.data(), left.size());
    if (put > 0) left.remove_prefix(static_cast<std::size_t>(put));
    if (put < 0 && errno != EINTR && errno != EAGAIN) left = {};
  }
  if (left.empty()) to.close();
}

/// Feeds and drains the child until its streams close, it ends while a child of its own keeps them open, or time is up.
bool exchange(pid_t child, Descriptor& in, Descriptor& out, Descriptor& errors, std::string_view input,
              Clock::time_point deadline, Completed& completed) {
  const NoSigpipe quiet;
  fcntl(in.get(), F_SETFL, fcntl(in.get(), F_GETFL) | O_NONBLOCK);
  if (input.empty()) in.close();
  while (out.get() >= 0 || errors.get() >= 0) {
    std::array<pollfd, 3> streams{pollfd{in.get(), POLLOUT, 0}, pollfd{out.get(), POLLIN, 0}, pollfd{errors.get(), POLLIN, 0}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    const int ready = poll(streams.data(), streams.size(), static_cast<int>(std::min<long long>(left, 100)));
    if (ready < 0 && errno != EINTR) return true;
    if (ready == 0 && has_ended(child)) return true;
    if (ready <= 0) continue;
    if (streams[0].revents != 0) write_some(in, input);
    if (streams[1].revents != 0) read_some(out, completed.output);
    if (streams[2].revents != 0) read_some(errors, completed.errors);
  }
  return true;
}

/// Waits for the end of a child that has closed its streams. False: time is up.
bool await(pid_t child, Clock::time_point deadline) {
  for (auto pause = std::chrono::microseconds(50); !has_ended(child);
       pause = std::min(2 * pause, std::chrono::microseconds(5000))) {
    if (Clock::now() >= deadline) return false;
    const timespec time{0, static_cast<long>(pause.count()) * 1000};
    nanosleep(&time, nullptr);
  }
  return true;
}

void collect(pid_t child, Completed& completed) {
  int status = 0;
  pid_t got;
  do got = waitpid(child, &status, 0);
  while (got < 0 && errno == EINTR);
  if (got != child) return;
  if (WIFEXITED(status)) completed.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) completed.signal = WTERMSIG(status);
}

bool is_executable_file(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(path.c_str(), X_OK) == 0;
}

}  // namespace

Completed run(const Command& command) {
  Completed completed;
  Pipe in, out, errors;
  if (!open_pipe(in) || !open_pipe(out) || !open_pipe(errors)) {
    completed.errors = std::strerror(errno);
    return completed;
  }
  pid_t child = -1;
  if (const int failed = spawn(command, in.read.get(), out.write.get(), errors.write.get(), child)) {
    completed.errors = std::strerror(failed);
    return completed;
  }
  completed.started = true;
  in.read.close(), out.write.close(), errors.write.close();
  const auto limit = command.timeout_s > 0 ? std::chrono::duration<double>(command.timeout_s) : std::chrono::hours(24 * 365);
  const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(limit);
  const bool in_time =
      exchange(child, in.write, out.read, errors.read, command.input, deadline, completed) && await(child, deadline);
  if (!in_time) {
    completed.timed_out = true;
    kill(-child, SIGKILL);
    kill(child, SIGKILL);
  }
  collect(child, completed);
  return completed;
}

std::string find_program(const std::string& name) {
  if (name.empty()) return {};
  if (name.find('/') != std::string::npos) return is_executable_file(name) ? name : std::string();
  const char* path = std::getenv("PATH");
  std::string_view left = path ? path : "/usr/local/bin:/usr/bin:/bin";
  while (true) {
    const std::size_t colon = left.find(':');
    const std::string folder(left.substr(0, colon));
    const std::string candidate = folder + "/" + name;
    if (!folder.empty() && is_executable_file(candidate)) return candidate;
    if (colon == std::string_view::npos) return {};
    left.remove_prefix(colon + 1);
  }
}

}  // namespace dgen::base
#endif

#include "instruction_count.h"

#if defined(__linux__) && defined(__x86_64__)

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace spikes {

namespace {

/// A stop that the tracer sees, at the beginning and the end of what is counted.
inline void mark() { asm volatile("int3" ::: "memory"); }

[[noreturn]] void run_marked(int calls, const std::function<void(int)>& before, const std::function<void()>& work) {
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(1);
  raise(SIGSTOP);
  for (int call = 0; call < calls; ++call) {
    before(call);
    mark();
    work();
    mark();
  }
  _exit(0);
}

enum class Stop { mark, step, other };

/// Lets the child go on by `request` and waits until it stops.
Stop go_on(pid_t child, bool one_step) {
  if (ptrace(one_step ? PTRACE_SINGLESTEP : PTRACE_CONT, child, nullptr, nullptr) != 0) return Stop::other;
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP) return Stop::other;
  siginfo_t info{};
  if (ptrace(PTRACE_GETSIGINFO, child, nullptr, &info) != 0) return Stop::other;
  return info.si_code == SI_KERNEL ? Stop::mark : Stop::step;
}

/// Instructions from a mark to the next; -1 where the child ended.
long steps_to_mark(pid_t child) {
  for (long steps = 0;; ++steps) {
    switch (go_on(child, true)) {
      case Stop::mark: return steps;
      case Stop::step: break;
      case Stop::other: return -1;
    }
  }
}

}  // namespace

std::vector<long> count_instructions(int calls, const std::function<void(int call)>& before, const std::function<void()>& work,
                                     const char*& why) {
  const pid_t child = fork();
  if (child == 0) run_marked(calls, before, work);
  int status = 0;
  why = "a process may not be traced here";
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return {};
  std::vector<long> counts;
  for (int call = 0; call < calls; ++call) {
    if (go_on(child, false) != Stop::mark) break;
    const long steps = steps_to_mark(child);
    if (steps < 0) break;
    counts.push_back(steps);
  }
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  if (counts.size() != static_cast<std::size_t>(calls)) {
    why = "the process ended while it was traced";
    return {};
  }
  return counts;
}

}  // namespace spikes

#else

namespace spikes {

std::vector<long> count_instructions(int, const std::function<void(int)>&, const std::function<void()>&, const char*& why) {
  why = "only Linux on x86-64 is stepped through";
  return {};
}

}  // namespace spikes

#endif

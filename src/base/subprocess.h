#pragma once
// Runs another program, without a shell.

#include <string>
#include <vector>

namespace dgen::base {

struct Command {
  std::string program;                   ///< path of the executable; not searched for in $PATH
  std::vector<std::string> arguments{};  ///< after the program's own name
  std::string input{};                   ///< what it reads on standard input
  double timeout_s = 0;                  ///< seconds after which it and its children are killed; 0: never
};

/// What became of a program that was run.
struct Completed {
  bool started = false;
  bool timed_out = false;
  int exit_code = 0;  ///< meaningful when it ended by itself; 0 too where the host ignores SIGCHLD and it is unknown
  int signal = 0;     ///< the signal that ended it, or 0
  std::string output{};
  std::string errors{};
  bool succeeded() const { return started && !timed_out && exit_code == 0 && signal == 0; }
};

/// Runs `command` to its end and returns what it wrote. `started` is false, and `errors` says why, where it could not
/// be started. Any thread. The program gets no file of the caller's but its three standard streams.
Completed run(const Command& command);

/// "exit code 1", "killed by signal 11", "no end after 30 s": why `completed` did not succeed, for a message.
std::string describe_failure(const Completed& completed, const Command& command);

/// The path of an executable: `name` itself where it holds a '/', else the first in $PATH. Empty: none.
std::string find_program(const std::string& name);

}  // namespace dgen::base

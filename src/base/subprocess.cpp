#include "base/subprocess.h"

#include <cstdio>

namespace dgen::base {

std::string describe_failure(const Completed& completed, const Command& command) {
  if (!completed.started) return "it could not be started: " + completed.errors;
  if (completed.timed_out) {
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%g", command.timeout_s);
    return std::string("no end after ") + seconds + " s";
  }
  if (completed.signal != 0) return "killed by signal " + std::to_string(completed.signal);
  return "exit code " + std::to_string(completed.exit_code);
}

}  // namespace dgen::base

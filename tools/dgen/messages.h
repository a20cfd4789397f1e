#pragma once
// What `dgen` says on standard error. Results go to standard output or to files.

#include <chrono>
#include <cstdint>
#include <string>

namespace dgen::tool {

/// "dgen: …": something done, worth knowing.
void say(const std::string& text);
/// "dgen: warning: …"
void say_warning(const std::string& text);
/// "dgen: error: …"
void say_error(const std::string& text);

/// What --backend auto chose and, once a device failed, that the CPU goes on; an empty text says nothing.
void say_backend(const std::string& choice, const std::string& fallback = {});

/// A number with `digits` significant digits; an exponent only below 1e-4 and from 1e12.
std::string number(double value, int digits = 4);
/// "1 channel", "2 channels".
std::string count_of(std::int64_t count, const std::string& noun);
/// "0.5012 (-6.0 dB)"; the level of silence is "-inf dB".
std::string level(double amplitude);

/// A line that shows how far long work is: only on a terminal, only after half a second, removed at the end.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// `done` in [0, 1].
  void show(double done);

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  Clock::time_point next_;
  bool terminal_;
  bool shown_ = false;
};

}  // namespace dgen::tool

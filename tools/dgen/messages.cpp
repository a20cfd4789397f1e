#include "dgen/messages.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace dgen::tool {

void say(const std::string& text) { std::fprintf(stderr, "dgen: %s\n", text.c_str()); }
void say_warning(const std::string& text) { say("warning: " + text); }
void say_error(const std::string& text) { say("error: " + text); }

void say_backend(const std::string& choice, const std::string& fallback) {
  if (!choice.empty()) say("back end " + choice);
  if (!fallback.empty()) say_warning(fallback);
}

std::string number(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  // "5.11e+03" reads better as "5110".
  const double rounded = std::strtod(text, nullptr);
  if (std::fabs(rounded) >= 1 && std::fabs(rounded) < 1e12 && std::strchr(text, 'e'))
    std::snprintf(text, sizeof text, "%.0f", rounded);
  return text;
}

std::string count_of(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string level(double amplitude) {
  char text[64];
  std::snprintf(text, sizeof text, "%.4g (%.1f dB)", amplitude, 20 * std::log10(amplitude));
  return text;
}

Progress::Progress(std::string what)
    : what_(std::move(what)), next_(Clock::now() + std::chrono::milliseconds(500)), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

void Progress::show(double done) {
  if (!terminal_ || Clock::now() < next_) return;
  next_ = Clock::now() + std::chrono::milliseconds(100);
  shown_ = true;
  std::fprintf(stderr, "\r\x1b[Kdgen: %s %3.0f %%", what_.c_str(), 100 * done);
  std::fflush(stderr);
}

}  // namespace dgen::tool

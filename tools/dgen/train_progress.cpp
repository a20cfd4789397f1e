#include "dgen/train_progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "dgen/messages.h"

namespace dgen::tool {

TrainProgress::TrainProgress(std::int64_t first, std::int64_t last, std::string what, std::string loss)
    : first_(first), last_(last), due_(first), what_(std::move(what)), loss_(std::move(loss)), begun_(Clock::now()),
      next_(begun_), terminal_(isatty(STDERR_FILENO) == 1) {}

TrainProgress::~TrainProgress() { clear(); }

void TrainProgress::clear() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

std::string TrainProgress::line(std::int64_t step, double loss, double elapsed_s) const {
  std::string text = what_ + " " + std::to_string(step) + " of " + std::to_string(last_) + ", " + loss_ + " " + number(loss);
  const double left_s = elapsed_s / static_cast<double>(step - first_ + 1) * static_cast<double>(last_ - step - 1);
  // A guess from the first moments would be wrong.
  if (elapsed_s > 0.5) text += ", " + duration(left_s) + " left";
  return text;
}

void TrainProgress::show(std::int64_t step, double loss) {
  if (terminal_) {
    const Clock::time_point now = Clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::milliseconds(100);
    shown_ = true;
    std::fprintf(stderr, "\r\x1b[Kdgen: %s", line(step, loss, std::chrono::duration<double>(now - begun_).count()).c_str());
    std::fflush(stderr);
    return;
  }
  const std::int64_t every = std::max<std::int64_t>((last_ - first_) / 10, 1);
  if (step < due_) return;
  due_ = step + every;
  say(line(step, loss, std::chrono::duration<double>(Clock::now() - begun_).count()));
}

std::string duration(double seconds) {
  if (seconds < 60) return number(seconds, 2) + " s";
  if (seconds < 3600) return number(std::round(seconds / 60), 3) + " min";
  return number(seconds / 3600, 2) + " h";
}

}  // namespace dgen::tool

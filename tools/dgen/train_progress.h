#pragma once
// How far a training is: a line that changes on a terminal, about ten lines elsewhere.

#include <chrono>
#include <cstdint>
#include <string>

namespace dgen::tool {

class TrainProgress {
 public:
  /// Steps `first` to before `last` are to be made. what, loss: what they and their losses are called.
  TrainProgress(std::int64_t first, std::int64_t last, std::string what = "step", std::string loss = "loss");
  ~TrainProgress();
  TrainProgress(const TrainProgress&) = delete;
  TrainProgress& operator=(const TrainProgress&) = delete;
  /// Step `step` was made; the loss before it was `loss`.
  void show(std::int64_t step, double loss);
  /// Removes the line, so that something else can be said.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  std::string line(std::int64_t step, double loss, double elapsed_s) const;
  std::int64_t first_, last_, due_;  ///< due: when the next line is, off a terminal
  std::string what_, loss_;
  Clock::time_point begun_, next_;
  bool terminal_;
  bool shown_ = false;
};

/// "0.4 s", "12 s", "3 min", "2.5 h".
std::string duration(double seconds);

}  // namespace dgen::tool

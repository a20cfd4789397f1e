#pragma once
// Which of two ways to do the same is faster, found by doing both in turns.

#include <array>
#include <cstddef>

namespace dgen::base {

/// Way 0 is the plain one; way 1 has to be worth it. Tries three turns of each, the fastest of which counts, and again after some
/// hundred turns, as machines change. What is computed must not depend on the way.
class Trial {
 public:
  int way() const { return turn_ < tries ? turn_ % 2 : chosen_; }
  /// The least time of way 0.
  double best() const { return best_[0]; }
  /// The turn took so long, in any unit that is the same for all turns.
  void took(double time) {
    if (turn_ < tries) {
      double& best = best_[static_cast<std::size_t>(turn_ % 2)];
      if (turn_ < 2 || time < best) best = time;
      chosen_ = best_[1] < worth * best_[0] ? 1 : 0;
    }
    if (++turn_ == tries + rest) turn_ = 0;
  }

 private:
  static constexpr int tries = 6, rest = 500;
  static constexpr double worth = 0.95;
  int turn_ = 0, chosen_ = 0;
  std::array<double, 2> best_{};
};

}  // namespace dgen::base

#pragma once
// Random numbers that are the same on every platform and standard library, for tests that print their seed.

#include <cstdint>
#include <random>
#include <vector>

namespace dgen::testing {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// 0 … count - 1
  int below(int count) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(count)); }
  /// low … high, whole numbers
  int between(int low, int high) { return low + below(high - low + 1); }
  /// In [low, high), exact in float32.
  double uniform(double low, double high) {
    const double unit = static_cast<double>(engine_() >> 40) * 0x1p-24;
    return static_cast<double>(static_cast<float>(low + (high - low) * unit));
  }
  bool chance(double probability) { return uniform(0, 1) < probability; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(below(static_cast<int>(from.size())))];
  }

 private:
  std::mt19937_64 engine_;  // its sequence is fixed by the standard, unlike the distributions'
};

}  // namespace dgen::testing

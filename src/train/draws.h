#pragma once
// Random numbers by their place, for searches: number k of a seed is the same whatever else was drawn.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "base/noise.h"

namespace dgen::train {

class Draws {
 public:
  /// `stream`: draws of one seed for different ends do not depend on each other.
  Draws(std::uint64_t seed, std::uint64_t stream) : key_(scramble(scramble(seed) + golden * (stream + 1))) {}

  std::uint64_t bits(std::uint64_t k) const { return scramble(key_ + golden * (k + 1)); }
  /// Uniform in (0, 1).
  double unit(std::uint64_t k) const { return std::min((static_cast<double>(bits(k) >> 11) + 0.5) * 0x1p-53, 1 - 0x1p-53); }
  /// Normal with mean 0 and deviation 1. Source: Box and Muller 1958.
  double normal(std::uint64_t k) const {
    return std::sqrt(-2 * std::log(unit(2 * k))) * std::cos(2 * std::numbers::pi * unit(2 * k + 1));
  }

 private:
  static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;  // 2^64 over the golden ratio
  std::uint64_t key_;
};

}  // namespace dgen::train

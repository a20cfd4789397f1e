#pragma once
// Compiled segments against the reference.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "dgen/segment.h"

namespace dgen::testing {

/// What a compiled segment gives, by wanted signal.
inline std::vector<std::vector<double>> results(const SegmentProgram& program, Segment& segment,
                                                const std::vector<std::vector<double>>& in, std::int64_t frames,
                                                From from = From::reset, bool same_input = false) {
  std::vector<std::vector<float>> channels;
  std::vector<const float*> pointers;
  for (const std::vector<double>& channel : in) channels.emplace_back(channel.begin(), channel.end());
  for (const std::vector<float>& channel : channels) pointers.push_back(channel.data());
  segment.run(pointers.data(), frames, from, same_input);
  std::vector<std::vector<double>> made;
  for (int k = 0; k < program.wanted(); ++k) {
    if (program.is_frames(k)) {
      const std::span<const float> y = segment.frames(k);
      made.emplace_back(y.begin(), y.end());
    } else {
      const std::span<const double> values = segment.values(k);
      made.emplace_back(values.begin(), values.end());
    }
  }
  return made;
}

inline std::vector<std::vector<double>> results(const SegmentProgram& program, const std::vector<std::vector<double>>& in,
                                                std::int64_t frames, double sample_rate = 48000) {
  Segment segment(program, sample_rate, frames);
  return results(program, segment, in, frames);
}

/// The largest difference of any entry, in parts of the largest entry of its kind (at least `least`): numbers of the segment
/// are one kind, each frame signal and each tensor is one.
inline double difference(const std::vector<std::vector<double>>& expected, const std::vector<std::vector<double>>& actual,
                         double least = 1) {
  double numbers = least, worst = 0;
  for (const std::vector<double>& one : expected) {
    if (one.size() == 1) numbers = std::fmax(numbers, std::fabs(one[0]));
  }
  for (std::size_t k = 0; k < expected.size(); ++k) {
    if (expected[k].size() != actual[k].size()) return INFINITY;
    double scale = expected[k].size() == 1 ? numbers : least;
    for (const double x : expected[k]) scale = std::fmax(scale, std::fabs(x));
    for (std::size_t n = 0; n < expected[k].size(); ++n) {
      const double error = std::fabs(expected[k][n] - actual[k][n]) / scale;
      worst = std::isnan(error) ? INFINITY : std::fmax(worst, error);
    }
  }
  return worst;
}

}  // namespace dgen::testing
